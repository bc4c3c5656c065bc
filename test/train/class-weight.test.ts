/** Weights of classes: what they do to the weights of a model, and what they are where they are balanced. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { OptionsInput } from "../../src/options/table.ts";
import { balancedWeights } from "../../src/task/class-weights.ts";
import { prepareTask } from "../../src/task/prepare-task.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";

const folder = mkdtempSync(join(tmpdir(), "class-weight-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Activation = "sigmoid" | "softmax" | "linear";

/** A model of fixed weights. */
function dense(units: number, activation: Activation) {
  const model = layers.sequential({ layers: [layers.layers.dense({ units, activation, inputShape: [2] })] });
  model.setWeights([
    tf.tensor2d(
      Array.from({ length: 2 * units }, (_, i) => Math.cos(i)),
      [2, units],
    ),
    tf.zeros([units]),
  ]);
  return model;
}

/** Trains by one update with all examples; gives the weights. */
async function updated(
  units: number,
  activation: Activation,
  loss: NonNullable<OptionsInput["loss"]>,
  data: { readonly features: number[][]; readonly labels: unknown },
  learningRate: number,
  classWeight?: OptionsInput["classWeight"],
): Promise<number[]> {
  const model = dense(units, activation);
  await train({
    model,
    loss,
    data: { train: data as never },
    mode: "serial",
    engine: "reference",
    optimizer: "sgd",
    learningRate,
    averaging: false,
    batchSize: data.features.length,
    maxUpdates: 1,
    ...(classWeight === undefined ? {} : { classWeight }),
  });
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

const features = [
  [1, 2],
  [-1, 0.5],
  [0.3, -2],
];
const classes = [0, 1, 2];
const oneHot = classes.map((label) => classes.map((index) => Number(index === label)));

describe("weight 2 equals the example twice", () => {
  // The mean of three with weights 1, 2, 1 is 4/3 of the mean of four, so a step is 4/3 as long.
  const twice = (rows: readonly unknown[]) => [rows[0], rows[1], rows[1], rows[2]];
  test.each([
    ["sparseSoftmaxCrossEntropy", 3, "linear", classes],
    ["sparseCategoricalCrossentropy", 3, "softmax", classes],
    ["softmaxCrossEntropy", 3, "linear", oneHot],
    ["categoricalCrossentropy", 3, "softmax", oneHot],
    ["categoricalHinge", 3, "linear", oneHot],
    ["kullbackLeiblerDivergence", 3, "softmax", oneHot],
  ] as const)("with %s", async (loss, units, activation, labels) => {
    const classWeight = { 0: 1, 1: 2, 2: 1 };
    const weighted = await updated(units, activation, loss, { features, labels }, 0.3, classWeight);
    const repeated = { features: twice(features) as number[][], labels: twice(labels) };
    const expected = await updated(units, activation, loss, repeated, 0.4);
    for (const [i, value] of expected.entries()) expect(weighted[i]).toBeCloseTo(value, 6);
  });

  test.each([
    ["sigmoidCrossEntropy", "linear", 0],
    ["binaryCrossentropy", "sigmoid", 0],
    ["hinge", "linear", -1],
    ["squaredHinge", "linear", -1],
  ] as const)("with %s", async (loss, activation, no) => {
    const labels = [no, 1, no];
    const weighted = await updated(1, activation, loss, { features, labels }, 0.3, { 0: 1, 1: 2 });
    const repeated = { features: twice(features) as number[][], labels: twice(labels) };
    const expected = await updated(1, activation, loss, repeated, 0.4);
    for (const [i, value] of expected.entries()) expect(weighted[i]).toBeCloseTo(value, 6);
  });
});

test("several answers of an example have weights each", async () => {
  // Weight 0 for no: of four answers two count, each half of a mean of two.
  const labels = [
    [1, 0],
    [0, 1],
  ];
  const data = { features: features.slice(0, 2), labels };
  const weighted = await updated(2, "linear", "sigmoidCrossEntropy", data, 0.3, { 0: 0, 1: 1 });
  // d/dz of the answer yes is σ(z) − 1; the step is 0.3/4 of it times the feature.
  const kernel = [Math.cos(0), Math.cos(1), Math.cos(2), Math.cos(3)];
  const slope = (x: number[], unit: number) =>
    1 / (1 + Math.exp(-(x[0] * kernel[unit] + x[1] * kernel[2 + unit]))) - 1;
  const slopes = [slope(features[0], 0), slope(features[1], 1)];
  const expected = [0, 1].flatMap((row) =>
    [0, 1].map((unit) => kernel[2 * row + unit] - (0.3 / 4) * slopes[unit] * features[unit][row]),
  );
  for (const [i, value] of expected.entries()) expect(weighted[i]).toBeCloseTo(value, 6);
});

test("balanced weights are those of scikit-learn: examples over classes times examples of the class", () => {
  // 8 examples of 2 classes: 8/(2·6) and 8/(2·2).
  expect(balancedWeights([6, 2])).toEqual([2 / 3, 2]);
  // A class without examples is none of the classes.
  expect(balancedWeights([1, 0, 3])).toEqual([2, 1, 2 / 3]);
});

test("balanced, or by the names of a table, they are found from its labels and told", async () => {
  const file = join(folder, "answers.csv");
  writeFileSync(file, "a,b,answer\n0,1,no\n1,0,yes\n0,2,no\n2,0,no\n");
  const prepared = (classWeight: string) =>
    prepareTask(
      { model: dense(1, "sigmoid"), loss: "binaryCrossentropy" },
      resolveOptions({ data: file, classWeight }, "cli").spec,
    );
  const balanced = await prepared("balanced");
  expect(balanced.classWeights).toEqual([4 / (2 * 3), 4 / 2]);
  expect(balanced.data.notes).toContain("Classes weigh no: 0.667, yes: 2");
  expect((await prepared("yes:19,no:1")).classWeights).toEqual([1, 19]);
  await expect(prepared("1:19,0:1")).rejects.toMatchObject({ code: "BAD_OPTION" });
  await expect(prepared("yes:19")).rejects.toThrow("there must be one for each class no, yes");
});

test("tests have no weights, and numbers to predict can have none", async () => {
  const model = dense(3, "softmax");
  const run = (classWeight: OptionsInput["classWeight"], loss?: "meanSquaredError") =>
    train({
      model,
      ...(loss === undefined ? {} : { loss }),
      data: {
        train: { features, labels: loss === undefined ? classes : oneHot },
        test: { features, labels: loss === undefined ? classes : oneHot },
      },
      mode: "serial",
      engine: "reference",
      optimizer: "sgd",
      learningRate: 1e-30,
      maxUpdates: 1,
      classWeight,
    });
  const weighted = await run({ 0: 5, 1: 5, 2: 5 });
  const plain = await run({ 0: 1, 1: 1, 2: 1 });
  expect(weighted.summary.testLoss).toBe(plain.summary.testLoss);
  expect(weighted.summary.trainLoss).toBeCloseTo(5 * (plain.summary.trainLoss as number), 4);
  await expect(run("balanced", "meanSquaredError")).rejects.toMatchObject({
    code: "BAD_OPTION",
    details: { option: "classWeight" },
  });
});
