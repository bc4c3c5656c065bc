/** A metric by its name decides which weights are better, and is told. */
import { expect, test } from "vitest";
import type { Column } from "../../src/data/dataset.ts";
import { metricsOfOutput } from "../../src/tfjs/metrics/output-metrics.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";

const features = Array.from({ length: 24 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
const answers = features.map(([a, b]) => Number(a + 0.3 * b > 0.2));
const split = (labels: object) => ({ train: { features, labels }, test: { features, labels } }) as never;
const exact = {
  mode: "serial",
  engine: "reference",
  optimizer: "sgd",
  batchSize: 8,
  averaging: false,
} as const;

const dense = (units: number, activation?: "sigmoid") =>
  layers.sequential({
    layers: [
      layers.layers.dense({ units, inputShape: [2], name: "out", ...(activation ? { activation } : {}) }),
    ],
  });

test("the monitored metric of the result is that of its predictions, and what it stops by", async () => {
  const model = dense(1, "sigmoid");
  model.setWeights([tf.tensor2d([[1], [0]]), tf.tensor1d([-0.5])]);
  const { summary } = await train({
    ...exact,
    model,
    data: split(answers),
    learningRate: 1e-6,
    monitor: "val_recall",
    target: 0.1,
    epochs: 50,
  });
  expect(summary.stopReason).toBe("target");
  const yes = [...(model.predict(tf.tensor2d(features)) as tf.Tensor).dataSync()].map((p) => p > 0.5);
  const right = yes.filter((one, i) => one && answers[i] === 1).length;
  const all = answers.filter((one) => one === 1).length;
  expect(right).toBeGreaterThan(0.1 * all);
  expect(right).toBeLessThan(all);
  expect(summary.testMetrics).toEqual({ recall: right / all });
});

test("the best weights are those of the least error, and the summary tells it", async () => {
  const labels = features.map(([a, b]) => 2 * a - b + 1);
  const model = dense(1);
  const { summary } = await train({
    ...exact,
    model,
    loss: "meanSquaredError",
    data: split(labels),
    learningRate: 0.1,
    monitor: "meanAbsoluteError",
    restoreBestWeights: true,
    epochs: 6,
  });
  const outputs = (model.predict(tf.tensor2d(features)) as tf.Tensor).dataSync();
  const mae = labels.reduce((sum, label, i) => sum + Math.abs(outputs[i] - label), 0) / labels.length;
  expect(Object.keys(summary.testMetrics)).toEqual(["mae"]);
  expect(summary.testMetrics.mae).toBeCloseTo(mae, 5);
});

test.each([
  [{ monitor: "val_f1" }, ["loss", "accuracy", "binaryAccuracy", "precision", "recall", "mse", "mae"]],
  [
    { monitor: "categoricalAccuracy" },
    ["loss", "accuracy", "binaryAccuracy", "precision", "recall", "mse", "mae"],
  ],
])("%o is refused with the names that there are", async (option, available) => {
  const run = train({ ...exact, ...option, model: dense(1, "sigmoid"), data: split(answers), epochs: 1 });
  await expect(run).rejects.toMatchObject({ code: "BAD_OPTION", details: { available } });
});

test("a target accuracy of a model without classes is refused", async () => {
  const run = train({
    ...exact,
    model: dense(1),
    loss: "meanSquaredError",
    data: split(features.map(([a]) => a)),
    targetAccuracy: 0.5,
  });
  await expect(run).rejects.toMatchObject({ code: "BAD_OPTION", details: { option: "targetAccuracy" } });
});

test("of several outputs each has its own metrics, by its name", async () => {
  const input = layers.input({ shape: [2] });
  const head = (name: string, units: number) =>
    layers.layers.dense({ units, name }).apply(input) as layers.SymbolicTensor;
  const model = () => layers.model({ inputs: input, outputs: [head("size", 1), head("kind", 2)] });
  const data = split({ size: features.map(([a]) => a), kind: answers });
  const loss = { size: "meanSquaredError", kind: "sparseSoftmaxCrossEntropy" } as const;
  const run = (monitor: string) => train({ ...exact, model: model(), loss, data, monitor, epochs: 1 });
  expect(Object.keys((await run("val_kind_acc")).summary.testMetrics)).toEqual(["kind_accuracy"]);
  await expect(run("size_accuracy")).rejects.toMatchObject({
    details: {
      available: [
        "loss",
        ...["mse", "size_mse", "mae", "size_mae"],
        ...["accuracy", "kind_accuracy", "sparseCategoricalAccuracy", "kind_sparseCategoricalAccuracy"],
        ...["precision", "kind_precision", "recall", "kind_recall"],
      ],
    },
  });
});

test("precision and recall of two classes by logits are those of class 1", () => {
  const labels = { dtype: "int32", shape: [] } satisfies Pick<Column, "dtype" | "shape">;
  // Predicted 1, 1, 0, 0 where the classes are 1, 0, 1, 0: one of two is right, and one of two is found.
  const logits = [0, 1, 0.2, 0.3, 3, 1, 0, 0];
  const values = metricsOfOutput(labels, [2], "sparseSoftmaxCrossEntropy").map(({ create, name }) => {
    const metric = create();
    metric.update(logits, [1, 0, 1, 0]);
    return [name, metric.value];
  });
  expect(values).toEqual([
    ["accuracy", 0.5],
    ["sparseCategoricalAccuracy", 0.5],
    ["precision", 0.5],
    ["recall", 0.5],
  ]);
});
