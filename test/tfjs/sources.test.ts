import { describe, expect, test } from "vitest";
import { tf } from "../../src/tfjs/tf.ts";
import type { Subject } from "./agreement.ts";
import { engineNames, sgd } from "./every-engine.ts";

const example = { features: [[0.1, 0.2, 0.3, -0.1, 0.5, 0.1]], labels: [[1, 2, -1]] };

/** x·a + sum(numbers), of three examples. */
function subject(numbers: () => tf.Tensor): Subject {
  const a = tf.variable(tf.tensor2d([[0.5], [-1]]));
  return {
    model: (x) =>
      tf.add(tf.matMul(x as tf.Tensor2D, a as tf.Tensor2D), tf.sum(tf.cast(numbers(), "float32"))),
    variables: [a],
    loss: "meanSquaredError",
    features: [{ shape: [2], dtype: "float32" }],
    labels: [{ shape: [1], dtype: "float32" }],
    batchSize: 3,
  };
}

/** Each with its sum, as TensorFlow.js computes it. */
const numbers: Record<string, readonly [() => tf.Tensor, number]> = {
  // 4, 3, 2, 1, 0, −1: a step of 1 goes down where the stop is lower.
  "a range that goes down": [() => tf.range(4, -2), 9],
  "a range down by a step of its own": [() => tf.range(4, -2, -2), 6],
  "a range down of integers": [() => tf.range(3, 0, 1, "int32"), 6],
  "a range down with a step above 1, which is empty": [() => tf.range(4, -2, 2), 0],
  "a range up with a step below 0, which is empty": [() => tf.range(0, 3, -1), 0],
  "a range up by fractions": [() => tf.range(0, 1, 0.25), 1.5],
  // ⌈−1.5⌉ = −1: one number.
  "a range down to a fraction": [() => tf.range(1, -0.5), 1],
  // 1, 2.5, 4
  "evenly spaced numbers": [() => tf.linspace(1, 4, 3), 7.5],
  "many equal numbers": [() => tf.fill([10, 10], 0.07), 7],
  "a diagonal": [() => tf.eye(5), 5],
  "one-hot rows, and cold ones for an index out of range": [
    () => tf.oneHot(tf.tensor1d([0, 2, 3, -1], "int32"), 3, 2, 0.5, "float32"),
    2 + 0.5 * 2 + (2 + 0.5 * 2) + 1.5 + 1.5,
  ],
  "a buffer": [
    () => {
      const buffer = tf.buffer([2, 2]);
      buffer.set(3, 1, 0);
      return buffer.toTensor();
    },
    3,
  ],
  "what a tidy made": [() => tf.tidy(() => tf.mul(tf.tensor1d([1, 2]), tf.ones([2]))), 3],
  "zeros and ones like another": [() => tf.add(tf.zerosLike(tf.ones([3])), tf.onesLike(tf.zeros([3]))), 3],
};

describe.each(Object.entries(numbers))("a model that makes %s", (_, [make, sum]) => {
  test.each(engineNames)("adds what TensorFlow.js does, on %s", async (engine) => {
    expect(tf.tidy(() => tf.sum(tf.cast(make(), "float32")).dataSync()[0])).toBeCloseTo(sum, 5);
    const { losses, weights } = await sgd(engine, subject(make), example);
    // x·a = −.15, .25, .15; the update of a is −.1·2/3·Xᵀ·errors.
    const errors = [-0.15 + sum - 1, 0.25 + sum - 2, 0.15 + sum + 1];
    const mean = errors.reduce((total, error) => total + error * error, 0) / 3;
    const slope = (column: readonly number[]) =>
      (2 / 3) * column.reduce((total, x, i) => total + x * errors[i], 0);
    expect(losses[0]).toBeCloseTo(mean, 3);
    expect(weights[0]).toBeCloseTo(0.5 - 0.1 * slope([0.1, 0.3, 0.5]), 5);
    expect(weights[1]).toBeCloseTo(-1 - 0.1 * slope([0.2, -0.1, 0.1]), 5);
  });
});

test("the range from 4 down to −2 trains to the numbers of TensorFlow.js", async () => {
  const { weights } = await sgd(
    "ort",
    subject(() => tf.range(4, -2)),
    example,
  );
  expect(weights[0]).toBeCloseTo(-0.03567, 5);
  expect(weights[1]).toBeCloseTo(-1.124, 5);
});
