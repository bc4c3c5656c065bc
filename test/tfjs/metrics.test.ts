import { describe, expect, it } from "vitest";
import { accuracyOf } from "../../src/tfjs/metrics/accuracy.ts";
import { createMetric, type MetricName } from "../../src/tfjs/metrics/metric.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";

describe("accuracyOf()", () => {
  it.each([
    ["class indices", [], "int32", [10], "sparseSoftmaxCrossEntropy", "sparseCategoricalAccuracy", 0],
    [
      "class indices [B, 1]",
      [1],
      "float32",
      [10],
      "sparseCategoricalCrossentropy",
      "sparseCategoricalAccuracy",
      0,
    ],
    [
      "class indices of steps",
      [4],
      "int32",
      [4, 10],
      "sparseCategoricalCrossentropy",
      "sparseCategoricalAccuracy",
      0,
    ],
    ["class indices and a loss of the user's", [], "int32", [10], null, "sparseCategoricalAccuracy", 0],
    ["one-hot", [10], "float32", [10], "softmaxCrossEntropy", "categoricalAccuracy", 0],
    ["one-hot steps", [4, 10], "int32", [4, 10], "categoricalCrossentropy", "categoricalAccuracy", 0],
    ["one logit", [1], "float32", [1], "sigmoidCrossEntropy", "binaryAccuracy", 0],
    ["one probability", [], "float32", [1], "binaryCrossentropy", "binaryAccuracy", 0.5],
    ["several labels at once", [3], "float32", [3], "sigmoidCrossEntropy", "binaryAccuracy", 0],
    ["margins", [], "float32", [1], "hinge", "binaryAccuracy", 0],
  ] as const)("compares %s as they are meant", (_, shape, dtype, predictions, loss, metric, threshold) => {
    expect(accuracyOf({ shape, dtype }, predictions, loss)).toEqual({ metric, threshold });
  });

  it.each([
    ["values", [1], "float32", [1], "meanSquaredError"],
    ["values by a short name", [1], "float32", [1], "mae"],
    ["images", [8, 8], "float32", [8, 8], null],
  ] as const)("has nothing to say of %s", (_, shape, dtype, predictions, loss) => {
    expect(accuracyOf({ shape, dtype }, predictions, loss)).toBe(null);
  });

  it("has nothing to say of an output without labels", () => {
    expect(accuracyOf(undefined, [10], null)).toBe(null);
  });
});

describe("a metric over minibatches", () => {
  const predictions = [0.1, 0.7, 0.2, 0.6, 0.3, 0.1, 0.2, 0.2, 0.6, 0.5, 0.25, 0.25];
  const oneHot = [0, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0];
  const answers = [1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0];
  const real = [1, 2, -1, 0.5, 0.25, 3, -2, 1, 1, 0, 0.5, 2];

  /** Of four rows, in minibatches of one and three. */
  function measured(name: MetricName, labels: readonly number[], labelWidth = 3): number {
    const metric = createMetric(name, { width: 3 });
    metric.update(predictions.slice(0, 3), labels.slice(0, labelWidth));
    metric.update(predictions.slice(3), labels.slice(labelWidth));
    return metric.value;
  }

  it.each([
    ["mse", real, layers.metrics.meanSquaredError],
    ["mae", real, layers.metrics.meanAbsoluteError],
    ["binaryAccuracy", answers, layers.metrics.binaryAccuracy],
    ["categoricalAccuracy", oneHot, layers.metrics.categoricalAccuracy],
    ["cosineProximity", real, layers.metrics.cosineProximity],
  ] as const)("%s has the mean value of tf.metrics", (name, labels, metric) => {
    const expected = tf.tidy(
      () => tf.mean(metric(tf.tensor2d([...labels], [4, 3]), tf.tensor2d(predictions, [4, 3]))).dataSync()[0],
    );
    expect(measured(name, labels)).toBeCloseTo(expected, 6);
  });

  it("counts class indices", () => {
    // The largest are 1, 0, 2, 0.
    expect(measured("sparseCategoricalAccuracy", [1, 2, 2, 0], 1)).toBe(0.75);
    const labels = [1, 2, 2, 0];
    const expected = tf.tidy(
      () =>
        tf
          .mean(
            layers.metrics.sparseCategoricalAccuracy(tf.tensor1d(labels), tf.tensor2d(predictions, [4, 3])),
          )
          .dataSync()[0],
    );
    expect(expected).toBe(0.75);
  });

  it("counts each position of a sequence", () => {
    const metric = createMetric("categoricalAccuracy", { width: 2 });
    // Two examples of two steps each: three of four rows are right.
    metric.update([0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7], [1, 0, 0, 1, 0, 1, 0, 1]);
    expect(metric.value).toBe(0.75);
  });

  it("takes the first of equals", () => {
    const metric = createMetric("sparseCategoricalAccuracy", { width: 2 });
    metric.update([1, 1], [0]);
    expect(metric.value).toBe(1);
  });

  it.each([
    ["precision", layers.metrics.precision],
    ["recall", layers.metrics.recall],
  ] as const)("%s is that of tf.metrics of answers, over all minibatches", (name, metric) => {
    const said = predictions.map((value) => Number(value > 0.5));
    const expected = tf.tidy(() => metric(tf.tensor1d(answers), tf.tensor1d(said)).dataSync()[0]);
    expect(measured(name, answers)).toBeCloseTo(expected, 6);
  });

  it("has a precision of 0 where nothing was found", () => {
    const metric = createMetric("precision", { width: 1 });
    metric.update([0.1], [1]);
    expect(metric.value).toBe(0);
  });

  it("draws the line at 0 for logits", () => {
    const metric = createMetric("binaryAccuracy", { width: 1, threshold: 0 });
    // Right: 2 for yes, −1 for no, .3 for yes, where the line of probabilities would say no.
    metric.update([2, -1, 0.3, 4], [1, 0, 1, 0]);
    expect(metric.value).toBe(0.75);
  });
});
