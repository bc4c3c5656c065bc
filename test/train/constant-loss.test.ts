import { expect, test } from "vitest";
import type { Column } from "../../src/data/dataset.ts";
import { constantLossOf } from "../../src/task/constant-loss.ts";
import type { LossName } from "../../src/tfjs/losses.ts";

function lossOf(
  loss: LossName,
  values: readonly number[],
  shape: readonly number[],
  extra: Partial<Column> = {},
) {
  const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
  data.set(values);
  const column: Column = { data, shape, dtype: "float32", scale: 1, offset: 0, ...extra };
  const train = { features: [column], labels: [column], length: 1 };
  return constantLossOf({ model: () => [], variables: [], loss, data: { train, test: null } });
}

test.each([
  // Two classes, three to one: −3/4·ln(3/4) − 1/4·ln(1/4).
  ["sparseSoftmaxCrossEntropy", [0, 0, 1, 0], [], 0.75 * Math.log(4 / 3) + 0.25 * Math.log(4)],
  ["softmaxCrossEntropy", [1, 0, 1, 0, 0, 1, 1, 0], [2], 0.75 * Math.log(4 / 3) + 0.25 * Math.log(4)],
  // At one place as often yes as no, at the other never yes.
  ["sigmoidCrossEntropy", [1, 0, 0, 0], [2], Math.log(2) / 2],
  // Variances of 1 and 4 about means of 2 and 0.
  ["mse", [1, 2, 3, -2], [2], (1 + 4) / 2],
] as const)("the loss of the best constant answer by %s", (loss, values, shape, expected) => {
  expect(lossOf(loss, values, shape)).toBeCloseTo(expected, 12);
});

test("is of the numbers that the model sees, and unknown for other losses", () => {
  expect(lossOf("meanSquaredError", [0, 2], [1], { scale: 3, offset: 5 })).toBeCloseTo(9, 12);
  expect(lossOf("meanAbsoluteError", [0, 2], [1])).toBeNull();
});
