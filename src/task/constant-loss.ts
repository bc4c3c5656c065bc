/** The loss of the best constant answer: what a network comes to that ignores its features, as where its units are dead. */
import type { Column } from "../data/dataset.ts";
import { fullLossName } from "../tfjs/losses.ts";
import type { Task } from "./compile-programs.ts";

/**
 * @returns Of the examples to train on, without penalties: the entropy of the classes for the cross entropies, the variance
 *   for the squared error; null for other losses, several outputs, and classes that have weights.
 */
export function constantLossOf({ classWeights, data, loss }: Task): number | null {
  const { labels } = data.train;
  if (typeof loss !== "string" || labels.length !== 1 || classWeights != null) return null;
  switch (fullLossName(loss)) {
    case "sparseSoftmaxCrossEntropy":
    case "sparseCategoricalCrossentropy":
      return entropy(frequencies(labels[0]));
    case "softmaxCrossEntropy":
    case "categoricalCrossentropy":
      return entropy(momentsByPlace(labels[0], labels[0].shape.at(-1) ?? 1).map(({ mean }) => mean));
    case "sigmoidCrossEntropy":
    case "binaryCrossentropy":
      return meanOf(momentsOf(labels[0]).map(({ mean }) => entropy([mean, 1 - mean])));
    case "meanSquaredError":
      return meanOf(momentsOf(labels[0]).map(({ variance }) => variance));
    default:
      return null;
  }
}

/** −Σ p·ln p, in nats. */
function entropy(shares: readonly number[]): number {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Share of each class in all labels. */
function frequencies({ data }: Column): number[] {
  const counts = new Map<number, number>();
  for (const label of data) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].map((count) => count / data.length);
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

const momentsOf = (column: Column) =>
  momentsByPlace(
    column,
    column.shape.reduce((product, size) => product * size, 1),
  );

/** Of the numbers at each place of a row of so many. */
function momentsByPlace({ data, offset, scale }: Column, width: number): Moments[] {
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  for (const [i, stored] of data.entries()) sums[i % width] += scale * stored + offset;
  const rows = data.length / width;
  const means = sums.map((sum) => sum / rows);
  for (const [i, stored] of data.entries()) {
    squares[i % width] += (scale * stored + offset - means[i % width]) ** 2;
  }
  return Array.from(means, (mean, place) => ({ mean, variance: squares[place] / rows }));
}
