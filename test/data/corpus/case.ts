/** What a case of the corpus is: a small file as people have it, and what must come of it. */
import type { LoadDatasetOptions } from "../../../src/data/load-dataset.ts";

/** Read as these numbers. */
export interface Read {
  /** A row for each example. */
  readonly features?: readonly (readonly number[])[];
  readonly labels?: readonly number[];
  /** Names of the classes; null where labels are numbers. */
  readonly classes?: readonly string[] | null;
  /** Columns that are features, words after a colon: `city: Oslo, Rome`. */
  readonly fields?: readonly string[];
  /** Must be in what is said of the file. */
  readonly says?: string;
  /** Features and labels of the table to test with. */
  readonly test?: readonly [features: readonly (readonly number[])[], labels: readonly number[]];
}

/** Refused, and what the error must name. */
export interface Refused {
  readonly refused: readonly string[];
  readonly line?: number;
  readonly offset?: number;
}

export interface CorpusCase {
  readonly name: string;
  /** With its ending. */
  readonly file: string;
  readonly content: string | Uint8Array;
  readonly options?: LoadDatasetOptions;
  /** Content of a file to test with. */
  readonly testContent?: string;
  readonly expected: Read | Refused;
}
