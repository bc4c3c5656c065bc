/** Which of two evaluations is better. */
import { expect, it } from "vitest";
import { BestEvaluation } from "../../src/run/best-evaluation.ts";

/** Index of the evaluation that counts as best, of those that a metric had these values in. */
function bestOf(values: readonly number[], monitored: { name: string; isBetterHigher: boolean } | null) {
  const best = new BestEvaluation<null>(monitored);
  for (const [i, value] of values.entries()) {
    // Loss and accuracy say the opposite of what is monitored.
    best.take({ loss: value, accuracy: monitored === null ? value : i, metrics: { mae: value } }, i, null);
  }
  return [best.best?.updates, best.worseInARow];
}

const values = [0.5, 0.2, 0.9, 0.2];

it("a monitored metric decides alone, each in its direction; the earlier of equals counts", () => {
  expect(bestOf(values, { name: "mae", isBetterHigher: false })).toEqual([1, 2]);
  expect(bestOf(values, { name: "mae", isBetterHigher: true })).toEqual([2, 1]);
  expect(bestOf(values, null)).toEqual([2, 1]);
});

it("what is no number is worse than any, and so is a metric that a checkpoint does not have", () => {
  for (const isBetterHigher of [false, true]) {
    expect(bestOf([Number.NaN, 3, Number.NaN], { name: "mae", isBetterHigher })).toEqual([1, 1]);
    expect(bestOf([3, 4], { name: "recall", isBetterHigher })).toEqual([0, 1]);
  }
});
