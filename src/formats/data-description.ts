/**
 * What a data set holds, as JSON: the form in which `summary.json`, `model.json` and `model.onnx` name inputs and classes.
 *
 * Owns the types only. `data/describe-data.ts` makes a description of a data set.
 */

/** A column of a table, which is one feature, or one for each of its words. */
export interface Field {
  /** As the table's header has it. */
  readonly name: string;
  /** In the order of the features that are 1 where an example has the word; null for a column of numbers. */
  readonly words: readonly string[] | null;
}

/** One input or target of a model. */
export interface ColumnDescription {
  /** Of the model's input or output; null where the order of the columns says so. */
  readonly name: string | null;
  /** Shape of one example; [] for a scalar. */
  readonly shape: readonly number[];
  /** Order of the dimensions of an image; null for what is none. */
  readonly layout: "HWC" | null;
  /** Element type in a minibatch. */
  readonly dtype: "float32" | "int32";
  /** Element type of the number x below: bytes are such before they are scaled. */
  readonly stored: "uint8" | "float32" | "int32";
  /** The model sees `scale·x + offset` of the number x that the data set holds. */
  readonly scale: number;
  /** See {@link scale}. */
  readonly offset: number;
  /** In the order of class indices; null where there are no classes, or they were not named. */
  readonly classNames: readonly string[] | null;
  /** In the order of the numbers of an example; null for what is not from a table. */
  readonly fields: readonly Field[] | null;
}

/** What becomes of a column of a table. */
interface TableColumn extends Field {
  readonly role: "feature" | "label" | "ignored";
  /** Whether its numbers are percentages, which are read as shares. */
  readonly isPercent: boolean;
  /** Sign of the currency of its numbers, which other tables may leave out; null for none. */
  readonly currency: string | null;
}

/** How a table was read, so that others are read alike. */
export interface TableReading {
  readonly form: "table";
  /** Between fields. */
  readonly separator: "tab" | "semicolon" | "pipe" | "comma";
  /** Before the fraction of a number. */
  readonly decimalSign: "point" | "comma";
  /** Whether the first row has the names of the columns. */
  readonly hasHeader: boolean;
  /** What was done about missing values; null where they were refused. */
  readonly missing: "mean" | "drop" | null;
  /** What stands for a missing number, a number for each feature; null unless {@link missing} is `mean`. */
  readonly means: readonly number[] | null;
  /** In the order of the table. */
  readonly columns: readonly TableColumn[];
}

/** How a LIBSVM file was read. */
interface LibsvmReading {
  readonly form: "libsvm";
  /** Index of the first feature. */
  readonly firstIndex: 0 | 1;
}

/** What is not plain in the data themselves, and must hold for other data of the same form. */
export type DataReading = TableReading | LibsvmReading;

/** What a data set holds, as `summary.json` says it. */
export interface DataDescription {
  /** Number of examples to train on. */
  readonly trainExamples: number;
  /** 0 without a test set. */
  readonly testExamples: number;
  /** In the order of the model's inputs. */
  readonly inputs: readonly ColumnDescription[];
  /** In the order of the model's outputs. */
  readonly targets: readonly ColumnDescription[];
  /** How it was read; null for data that can be read in one way. */
  readonly reading: DataReading | null;
}
