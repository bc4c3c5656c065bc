/** Puts the mean of a feature, over the examples to train on, where a number is missing. */
import type { DataSplit, Dataset } from "./dataset.ts";

/**
 * Writes into the columns of features themselves, where they have NaN for what is missing.
 *
 * @returns The means of each column of features.
 */
export function fillMissing({ test, train }: Pick<DataSplit, "test" | "train">): Float64Array[] {
  return train.features.map(({ data, shape }, i) => {
    const width = shape.reduce((product, size) => product * size, 1);
    const sums = new Float64Array(width);
    const counts = new Float64Array(width);
    for (const [at, value] of data.entries()) {
      if (Number.isNaN(value)) continue;
      sums[at % width] += value;
      counts[at % width]++;
    }
    // A feature that no example to train on has is 0 in all of them.
    const means = sums.map((sum, place) => sum / Math.max(1, counts[place]));
    for (const dataset of [train, test]) fillWith(dataset, i, means);
    return means;
  });
}

/** Writes known means into one column of features. */
export function fillWith(dataset: Dataset | null, column: number, means: ArrayLike<number>): void {
  const data = dataset?.features[column].data ?? [];
  for (let at = 0; at < data.length; at++) if (Number.isNaN(data[at])) data[at] = means[at % means.length];
}
