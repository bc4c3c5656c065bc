/** Divides one data set into examples to train on and examples to test with. */
import type { Column, ColumnData, DataSplit, Dataset } from "./dataset.ts";
import { EpochOrder } from "./permutation.ts";

/** Of the choice of examples: the same for every run, so that a saved model is tested on what it has not seen. */
const splitSeed = 0x7e57;

/**
 * Takes a share of the examples, chosen at random but always the same ones, for testing.
 *
 * @param share In (0, 1); at least one example goes to either side.
 */
export function splitDataset(dataset: Dataset, share: number): DataSplit {
  const { length } = dataset;
  const tested = Math.min(length - 1, Math.max(1, Math.round(share * length)));
  const order = new EpochOrder(splitSeed, 0, length);
  const indices = Float64Array.from({ length }, (_, i) => order.at(i));
  return {
    train: subset(dataset, indices.subarray(tested)),
    test: subset(dataset, indices.subarray(0, tested)),
  };
}

function subset({ features, labels }: Dataset, indices: Float64Array): Dataset {
  // In the order of the file: neighbours stay neighbours in memory.
  const sorted = indices.toSorted();
  const rowsOf = (columns: readonly Column[]) => columns.map((column) => rows(column, sorted));
  return { features: rowsOf(features), labels: rowsOf(labels), length: sorted.length };
}

function rows(column: Column, indices: Float64Array): Column {
  const width = column.shape.reduce((product, size) => product * size, 1);
  const data = allocateLike(column.data, indices.length * width);
  for (const [row, index] of indices.entries()) {
    data.set(column.data.subarray(index * width, (index + 1) * width), row * width);
  }
  return { ...column, data };
}

function allocateLike(data: ColumnData, length: number): ColumnData {
  const shared = new SharedArrayBuffer(length * data.BYTES_PER_ELEMENT);
  if (data instanceof Uint8Array) return new Uint8Array(shared);
  return data instanceof Int32Array ? new Int32Array(shared) : new Float32Array(shared);
}
