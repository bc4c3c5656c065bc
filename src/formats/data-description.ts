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
}
