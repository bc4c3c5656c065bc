/**
 * A data set as the workers see it: columns of examples in shared memory, stored as they came from the file.
 *
 * Owns the types only. Readers (`idx.ts`, ...) make data sets, `minibatch.ts` copies rows out of them.
 */
import type { DataReading, Field } from "../formats/data-description.ts";

/** Element storage of a column; always a view of a SharedArrayBuffer, so that every thread reads the same copy. */
export type ColumnData = Uint8Array | Int32Array | Float32Array;

/** One tensor per example, all of one shape: `[N, ...shape]` row-major. */
export interface Column {
  readonly data: ColumnData;
  /** Shape of one example; [] for a scalar such as a class index. */
  readonly shape: readonly number[];
  /** Element type in the minibatch. */
  readonly dtype: "float32" | "int32";
  /** A float32 minibatch holds `scale·stored + offset`. Both are 1 and 0 for an int32 column. */
  readonly scale: number;
  readonly offset: number;
  /** Of the model's input or output that the column is for; absent where the order of the columns says so. */
  readonly name?: string;
  /** Number of classes that an int32 column indexes; absent where none was given. */
  readonly classes?: number;
  /** What the classes are called, in the order of their indices; absent where the data do not name them. */
  readonly classNames?: readonly string[];
  /** Which columns of a table the numbers of an example are, in their order; absent for what is not from a table. */
  readonly fields?: readonly Field[];
}

export interface Dataset {
  /** One for each input of the model, at least one. */
  readonly features: readonly Column[];
  /** One for each output of the model, or whatever its loss compares them with; at least one. */
  readonly labels: readonly Column[];
  /** Number of examples, > 0. */
  readonly length: number;
}

/** A named or given data set, split. */
export interface DataSplit {
  readonly train: Dataset;
  readonly test: Dataset | null;
  /** What a reader took for granted, replaced or left out: a sentence each. */
  readonly notes?: readonly string[];
  /** What a reader found that is probably a mistake: a sentence each. */
  readonly warnings?: readonly string[];
  /** How other data of the same form are to be read; absent where there is one way. */
  readonly reading?: DataReading;
}
