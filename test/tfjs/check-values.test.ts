import { describe, expect, test } from "vitest";
import { requireLabels } from "../../src/tfjs/check-values.ts";
import type { LossName } from "../../src/tfjs/losses.ts";
import { layers } from "../../src/tfjs/tf.ts";
import { type TrainOptions, train } from "../../src/train.ts";

const column = (data: readonly number[], ...shape: number[]) => ({ data, shape, scale: 1, offset: 0 });
const check = (loss: LossName, data: readonly number[], ...shape: number[]) =>
  requireLabels(loss, 3, column(data, ...shape), "train");

describe("labels that a loss has no meaning for are refused with their place", () => {
  test.each([
    ["sparseSoftmaxCrossEntropy", [0, 2, 3], [], 3, 2],
    ["sparseCategoricalCrossentropy", [0, -1, 1], [], -1, 1],
    ["sparseCategoricalCrossentropy", [0, 1, 0.5, 1], [2], 0.5, 1],
    ["sigmoidCrossEntropy", [1, 0, -1], [1], -1, 2],
    ["binaryCrossentropy", [1, 2, 0], [], 2, 1],
    ["softmaxCrossEntropy", [1, 0, 0, 1, 1, 0], [3], 2, 1],
    ["categoricalCrossentropy", [0, 0, 0], [3], 0, 0],
    ["kld", [0.5, 0.5, 0, -0.5, 1, 0.5], [3], -0.5, 1],
    ["hinge", [1, -1, 2], [], 2, 2],
    ["squaredHinge", [0.5], [], 0.5, 0],
    ["poisson", [1, -2], [], -2, 1],
    ["binaryCrossentropy", [0, Number.NaN], [], Number.NaN, 1],
  ] as const)("%s of %j", (loss, data, shape, value, index) => {
    expect(() => check(loss, data, ...shape)).toThrow(
      expect.objectContaining({
        code: "BAD_DATA",
        details: expect.objectContaining({ value, index, half: "train" }),
      }),
    );
  });

  test.each([
    ["sparseCategoricalCrossentropy", [0, 1, 2], []],
    ["binaryCrossentropy", [0, 1, 0.25], []],
    ["categoricalCrossentropy", [0.333, 0.333, 0.333, 0, 1, 0], [3]],
    ["hinge", [-1, 1], []],
    ["hinge", [0, 1], []],
    ["meanSquaredError", [-7, 1e9], []],
  ] as const)("but %s takes %j", (loss, data, shape) => {
    expect(() => check(loss, data, ...shape)).not.toThrow();
  });

  test("numbers that are stored small count as what they stand for", () => {
    const stored = { ...column([0, 255]), scale: 1 / 255 };
    expect(() => requireLabels("binaryCrossentropy", 1, stored, "test")).not.toThrow();
  });
});

describe("before training, on every engine", () => {
  const l = layers.layers;
  const codeAndDetails = async (options: TrainOptions<layers.LayersModel>) => {
    const { model } = options;
    try {
      return await train({
        workers: 1,
        batchSize: 2,
        maxUpdates: 1,
        ...options,
        model: model as layers.LayersModel,
      });
    } catch (error) {
      const { code, details } = error as { code: string; details: unknown };
      return { code, details };
    } finally {
      model?.dispose();
    }
  };
  const tokens = () =>
    layers.sequential({
      layers: [
        l.embedding({ inputDim: 5, outputDim: 2, inputLength: 2, name: "words" }),
        l.flatten(),
        l.dense({ units: 1 }),
      ],
    });

  test.each(["ort", "tfjs", "reference"] as const)(
    "%s takes no index that an embedding has no row for",
    async (engine) => {
      for (const wrong of [-1, 5]) {
        const train = {
          features: [
            [0, 1],
            [4, wrong],
          ],
          labels: [[1], [2]],
        };
        expect(
          await codeAndDetails({ model: tokens(), loss: "meanSquaredError", data: { train }, engine }),
        ).toMatchObject({ code: "BAD_DATA", details: { value: wrong, index: 1, layer: "words", rows: 5 } });
      }
    },
  );

  test.each(["ort", "tfjs", "reference"] as const)(
    "%s takes no ±1 for a binary cross entropy",
    async (engine) => {
      const model = layers.sequential({
        layers: [l.dense({ units: 1, inputShape: [1], activation: "sigmoid" })],
      });
      const data = { train: { features: [[0], [1]], labels: [[1], [-1]] } };
      expect(await codeAndDetails({ model, loss: "binaryCrossentropy", data, engine })).toMatchObject({
        code: "BAD_DATA",
        details: { value: -1, index: 1 },
      });
    },
  );

  test("in the examples to test with, too", async () => {
    const data = {
      train: {
        features: [
          [0, 1],
          [4, 2],
        ],
        labels: [[1], [2]],
      },
      test: { features: [[0, 9]], labels: [[1]] },
    };
    expect(await codeAndDetails({ model: tokens(), loss: "meanSquaredError", data })).toMatchObject({
      code: "BAD_DATA",
      details: { value: 9, index: 0, half: "test" },
    });
  });
});
