/** Every loss, regularizers, and the built-in models. */
import { type LossName, lossNames, takesClassIndices } from "../../../src/tfjs/losses.ts";
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { modelSubject } from "../../tfjs/model-subjects.ts";
import { type ConformanceCase, float, int, network } from "../conformance-case.ts";

const { conv2d, dense, flatten } = layers.layers;
const { l1, l1l2, l2 } = layers.regularizers;

/** Where a loss is finite only for probabilities, or for numbers > 0. */
const activations: Partial<Record<LossName, "sigmoid" | "softmax" | "softplus">> = {
  binaryCrossentropy: "sigmoid",
  sparseCategoricalCrossentropy: "softmax",
  poisson: "softplus",
};

const ofLoss = (loss: LossName, batchSize: number, classes: number): ConformanceCase => ({
  name: `${loss}, batch ${batchSize}, ${classes} classes`,
  classes,
  make: () =>
    network(
      float(4),
      batchSize,
      [
        dense({ units: 6, activation: "tanh" }),
        dense({ units: classes, activation: activations[loss] ?? "linear" }),
      ],
      loss,
      takesClassIndices(loss) ? [int()] : [float(classes)],
    ),
});

const customLosses: Record<string, (labels: tf.Tensor, predictions: tf.Tensor) => tf.Scalar> = {
  "the mean of log cosh": (labels, predictions) =>
    tf.mean(tf.log(tf.cosh(tf.sub(predictions, labels)))) as tf.Scalar,
  "Huber's loss": (labels, predictions) => tf.losses.huberLoss(labels, predictions),
  "the mean of cosine distances": (labels, predictions) => tf.losses.cosineDistance(labels, predictions, 1),
};

const regularizers = {
  l1: l1({ l1: 0.1 }),
  l2: l2({ l2: 0.2 }),
  "l1 and l2": l1l2({ l1: 0.1, l2: 0.3 }),
};

export const lossCases: readonly ConformanceCase[] = [
  ...lossNames.flatMap((loss) => [
    ofLoss(loss, 1, 3),
    ofLoss(loss, 5, 3),
    // As many examples as classes: rows and columns must not be confused.
    ofLoss(loss, 4, 4),
  ]),
  ofLoss("sigmoidCrossEntropy", 6, 1),
  ...Object.entries(customLosses).map(([name, loss]) => ({
    name,
    make: () => network(float(4), 3, [dense({ units: 2 })], loss),
  })),
  ...Object.entries(regularizers).map(([name, regularizer]) => ({
    name: `${name} penalties of kernels and biases`,
    make: () =>
      network(float(5, 5, 1), 2, [
        conv2d({ filters: 2, kernelSize: 2, kernelRegularizer: regularizer }),
        flatten(),
        dense({ units: 3, kernelRegularizer: regularizer, biasRegularizer: regularizer }),
      ]),
  })),
  // resnet110 is made of the layers of resnet20, so many that rounding takes over.
  ...(["lenet", "mlp", "logistic", "resnet20", "char-lstm"] as const).flatMap((name) =>
    // The deep one once, as the interpreter takes seconds for it.
    (name === "resnet20" ? [2] : [1, 4]).map((batchSize) => ({
      name: `the built-in ${name}, batch ${batchSize}`,
      classes: 10,
      make: () => ({ ...modelSubject(name), batchSize }),
    })),
  ),
];
