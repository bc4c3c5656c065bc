/**
 * A data set as the workers see it: columns of examples in shared memory, stored as they came from the file.
 *
 * Owns the types only. Readers (`idx.ts`, ...) make data sets, `minibatch.ts` copies rows out of them.
 */

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
}

export interface Dataset {
  readonly features: Column;
  readonly labels: Column;
  /** Number of examples, > 0. */
  readonly length: number;
}

/** A named or given data set, split. */
export interface DataSplit {
  readonly train: Dataset;
  readonly test: Dataset | null;
}
