import * as tfjs from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import type { LabelKind } from "../../src/data/label-kind.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { prepareTask } from "../../src/task/prepare-task.ts";
import { type BatchFunction, collectBatches as collect } from "../../src/tfjs/collect-batches.ts";
import { tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";

/** All labels of one kind. */
const collectBatches = (source: Parameters<typeof collect>[0], kind: LabelKind) =>
  collect(source, () => kind);

const four = Array.from({ length: 4 }, (_, i) => ({ xs: [i, 10 * i], ys: i % 2 }));

describe("collectBatches()", () => {
  test("collects a tf.data dataset, whose last minibatch is smaller, and leaves no tensor", async () => {
    const dataset = tfjs.data.array(four).batch(3);
    const before = tf.memory().numTensors;
    expect(await collectBatches(dataset, "class")).toEqual({
      features: { values: Float32Array.of(0, 0, 1, 10, 2, 20, 3, 30), shape: [2], type: "float32" },
      labels: { values: Float32Array.of(0, 1, 0, 1), shape: [], type: "int32" },
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("calls a function until it gives null, and takes nested arrays too", async () => {
    const batch: BatchFunction = async (index) =>
      index === 2 ? null : { xs: [[index], [9]], ys: [[0.5], [index]] };
    expect(await collectBatches(batch, "class")).toMatchObject({
      features: { values: Float32Array.of(0, 9, 1, 9) },
      labels: { values: Float32Array.of(0.5, 0, 0.5, 1), shape: [1], type: "float32" },
    });
  });

  test("keeps whole numbers as numbers where the loss takes numbers, and integers as integers", async () => {
    const batch: BatchFunction = (index) =>
      index > 0 ? null : { xs: tf.tensor2d([[1, 2]], [1, 2], "int32"), ys: [3] };
    expect(await collectBatches(batch, "value")).toMatchObject({
      features: { values: Int32Array.of(1, 2), type: "int32" },
      labels: { shape: [1], type: "float32" },
    });
  });

  test.each<[string, Parameters<typeof collectBatches>[0], string]>([
    [
      "a dataset without an end",
      tfjs.data.array(four).repeat().batch(2),
      'a dataset must have an end (take(n) gives it one) (got "an endless one")',
    ],
    ["no examples", () => null, "there must be at least one example"],
    ["something else", () => ({ x: 1 }) as never, "each minibatch must be { xs, ys } (got [x])"],
    ["text", () => ({ xs: tf.tensor(["a"]), ys: [1] }), 'xs must be numbers (got "string")'],
    [
      "a number for a row",
      () => ({ xs: 3 as never, ys: [1] }),
      'xs of each minibatch must be a tensor or nested arrays (got "number")',
    ],
    [
      "other numbers of labels",
      () => ({ xs: [[1], [2]], ys: [1] }),
      'each minibatch must have as many labels as examples (got "2 and 1")',
    ],
    [
      "another shape",
      (index) => ({ xs: index === 0 ? [[1]] : [[1, 2]], ys: [1] }),
      "xs of every minibatch must have the shape [B, 1] (got [1, 2])",
    ],
    [
      "a function that throws",
      () => {
        throw new Error("disk on fire");
      },
      'reading a minibatch must not throw (got "disk on fire")',
    ],
  ])("refuses %s", async (_, source, message) => {
    await expect(collectBatches(source, "class")).rejects.toMatchObject({
      code: "BAD_DATA",
      message: `Cannot collect the data: ${message}`,
    });
  });
});

describe("train()", () => {
  test("trains on a tf.data dataset and tests on a function's minibatches", async () => {
    const quadrants = Array.from({ length: 64 }, (_, i) => {
      const [x, y] = [Math.sin(i), Math.cos(3 * i)];
      return { xs: [x, y], ys: x > 0 ? 1 : 0 };
    });
    const { summary } = await train({
      model: "logistic",
      data: {
        train: tfjs.data.array(quadrants).batch(16),
        test: (index) =>
          index > 0 ? null : { xs: quadrants.map(({ xs }) => xs), ys: quadrants.map(({ ys }) => ys) },
      },
      workers: 1,
      batchSize: 16,
      maxUpdates: 200,
    });
    expect(summary.trainingExamples).toBe(64);
    expect(summary.testAccuracy).toBeGreaterThan(0.9);
  });

  test("names NaN in what it has collected", async () => {
    const data = { train: (index: number) => (index > 0 ? null : { xs: [[1], [Number.NaN]], ys: [0, 1] }) };
    await expect(
      prepareTask({ data }, resolveOptions({ model: "logistic" }, "library").spec),
    ).rejects.toThrow(
      'Cannot make a data set from arrays: every number in features must be finite in float32 (got "NaN at [1, 0]")',
    );
  });
});
