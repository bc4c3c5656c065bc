/** Everything that a wrong call of train() says: one sentence, before anything is trained, and no weight is changed. */
import { describe, expect, it } from "vitest";
import type { YfError, YfErrorCode } from "../../src/errors.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";

const features = [
  [0, 1],
  [1, 0],
  [0, 2],
  [2, 0],
];
const labels = [0, 1, 0, 1];

/** Options as a user without types gives them. */
type Loose = Record<string, unknown>;

const arrays = (changed: Loose = {}) => ({ data: { train: { features, labels, ...changed } } });

function dense(name: string, units = 2): layers.LayersModel {
  return layers.sequential({ name, layers: [layers.layers.dense({ units, inputShape: [2], name })] });
}

function ofTexts(): layers.LayersModel {
  const inputs = layers.input({ shape: [2], dtype: "string", name: "texts" });
  const outputs = layers.layers.dense({ units: 2 }).apply(inputs) as layers.SymbolicTensor;
  return layers.model({ inputs, outputs });
}

function frozen(): layers.LayersModel {
  const model = dense("frozen");
  for (const layer of model.layers) layer.trainable = false;
  return model;
}

const weight = () => tf.variable(tf.ones([2, 2]), true, "weight");
type Loss = (labels: tf.Tensor, predictions: tf.Tensor) => unknown;
const withLoss = (loss: Loss) => () => ({ loss });

/** What is wrong; the options that differ, made anew; code and message. */
const wrong: readonly [string, () => unknown, YfErrorCode, string][] = [
  ["no options", () => 5, "BAD_OPTION", "Cannot train: options must be an object (got 5)"],
  [
    "an option's type",
    () => ({ workers: "2" }),
    "BAD_OPTION",
    'Cannot use workers: must be an integer in [1, 256] (got "2")',
  ],
  [
    "data without examples",
    () => ({ data: {} }),
    "BAD_DATA",
    "Cannot use the data: examples must be arrays, a dataset of minibatches or a function that gives them",
  ],
  [
    "empty data",
    () => arrays({ features: [], labels: [] }),
    "BAD_DATA",
    'Cannot make a data set from arrays: labels must hold no empty array (got "[]")',
  ],
  [
    "too few labels",
    () => arrays({ labels: [0, 1] }),
    "BAD_DATA",
    'Cannot make a data set from arrays: there must be one label for each example (got "4 in features, 2 in labels")',
  ],
  [
    "a feature that is not finite",
    () => arrays({ features: [[0, Number.NaN], ...features.slice(1)] }),
    "BAD_DATA",
    'Cannot make a data set from arrays: every number in features must be finite in float32 (got "NaN at [0, 1]")',
  ],
  [
    "a label past the classes",
    () => arrays({ labels: [0, 1, 2, 1] }),
    "BAD_DATA",
    `Cannot use the labels: every label of sparseSoftmaxCrossEntropy must be in [0, 1], a whole number for one of the 2 classes of the model's output (got "2 at index 2 of train")`,
  ],
  [
    "classes where the model gives one number",
    () => ({ model: dense("own", 1) }),
    "BAD_LOSS",
    "Cannot compute sparseSoftmaxCrossEntropy: the output must have a number for each class (of one number, sigmoidCrossEntropy takes labels 0 and 1, meanSquaredError any) (got 1)",
  ],
  [
    "a model of texts",
    () => ({ model: ofTexts() }),
    "BAD_MODEL",
    'Cannot trace the model: its input texts must be of real numbers (words become numbers in the data) (got "string")',
  ],
  [
    "a loss that makes texts",
    withLoss((_, predictions) => tf.add(tf.mean(predictions), tf.cast(tf.tensor(["1"]), "float32"))),
    "NO_TRACE",
    'Cannot trace the model: every tensor must be of numbers, float32, int32 or bool (got "string outside of any layer")',
  ],
  [
    "a negative label",
    () => arrays({ labels: [0, 1, -1, 1] }),
    "BAD_LOSS",
    'Cannot choose a loss: must be given where labels are no class indices, integers ≥ 0 (meanSquaredError for numbers, softmaxCrossEntropy for one-hot vectors) (got "-1 at index 2")',
  ],
  [
    "numbers for labels",
    () => arrays({ labels: features }),
    "BAD_LOSS",
    'Cannot choose a loss: must be given where labels are no class indices, integers ≥ 0 (meanSquaredError for numbers, softmaxCrossEntropy for one-hot vectors) (got "float32 labels of shape [2]")',
  ],
  [
    "features of another shape",
    () => arrays({ features: features.map((row) => [...row, 1]) }),
    "BAD_MODEL",
    'Cannot trace the model: features must have the shape [2] of its input (got "[3]")',
  ],
  [
    "a model without trainable weights",
    () => ({ model: frozen() }),
    "BAD_MODEL",
    'Cannot train the model: must have at least one trainable weight (got "frozen")',
  ],
  [
    "a function without variables",
    () => ({ model: (x: tf.Tensor) => x }),
    "BAD_MODEL",
    "Cannot train the model: must have at least one trainable weight",
  ],
  [
    "a function that ignores its variable",
    () => ({ model: (x: tf.Tensor) => x, variables: [weight()] }),
    "BAD_MODEL",
    'Cannot differentiate the loss: the loss must depend on a trainable weight (got "no path to weight")',
  ],
  [
    "a model of another kind",
    () => ({ model: 5 }),
    "BAD_OPTION",
    "Cannot use model: must be one of lenet, mlp, resnet20, resnet110, char-lstm, logistic, or a file .json, .js, .mjs, .cjs, .ts, .mts (got 5)",
  ],
  [
    "a loss that is no tensor",
    withLoss(() => 3),
    "BAD_LOSS",
    "Cannot use the loss: must return a scalar, the mean of the minibatch (got 3)",
  ],
  [
    "a loss that throws",
    withLoss(() => {
      throw new Error("out of luck");
    }),
    "BAD_LOSS",
    'Cannot compute the loss: must accept these labels and predictions (got "out of luck")',
  ],
  [
    "a loss that ignores the model",
    withLoss(() => tf.scalar(3)),
    "BAD_MODEL",
    'Cannot differentiate the loss: the loss must depend on a trainable weight (got "no path to own/kernel, own/bias")',
  ],
  [
    "a loss that reads values",
    withLoss((_, predictions) => tf.scalar(predictions.dataSync()[0])),
    "NO_TRACE",
    'Cannot trace the model: may not read values while being traced (dataSync, arraySync, data) (got "a read outside of any layer")',
  ],
  [
    "a loss that waits for values",
    withLoss(async (_, predictions) => tf.scalar((await predictions.data())[0])),
    "NO_TRACE",
    'Cannot trace the model: may not read values while being traced (dataSync, arraySync, data) (got "a read outside of any layer")',
  ],
  [
    "a loss whose numbers are shown later",
    withLoss((_, predictions) => {
      void predictions.data().then(console.log);
      return tf.mean(predictions);
    }),
    "NO_TRACE",
    'Cannot trace the model: may not read values while being traced (dataSync, arraySync, data) (got "a read outside of any layer")',
  ],
  [
    "a loss that comes later",
    withLoss(async (_, predictions) => tf.mean(predictions)),
    "BAD_LOSS",
    'Cannot use the loss: must return a scalar, the mean of the minibatch (got "a promise")',
  ],
  [
    "a loss that throws later",
    withLoss(async () => {
      throw new Error("out of luck");
    }),
    "BAD_LOSS",
    'Cannot use the loss: must return a scalar, the mean of the minibatch (got "a promise")',
  ],
  [
    "a softmax of one number",
    () => ({ model: dense("own", 1), loss: "softmaxCrossEntropy" }),
    "BAD_LOSS",
    "Cannot compute softmaxCrossEntropy: the output must have a number for each class (sparseSoftmaxCrossEntropy takes class indices; of one number, sigmoidCrossEntropy labels 0 and 1) (got 1)",
  ],
  ...(
    [
      [{ patience: 3 }, "end the run when evaluations get no better"],
      [{ targetAccuracy: 0.9 }, "end the run at a test accuracy"],
      [{ restoreBestWeights: true }, "keep the best weights"],
    ] as const
  ).map(([option, action]): (typeof wrong)[number] => [
    `${Object.keys(option)} without a test set`,
    () => option,
    "BAD_OPTION",
    `Cannot ${action}: there must be a test set that tells which weights are better`,
  ]),
  [
    "a number that changes from call to call",
    withLoss((_, predictions) => tf.mean(tf.mul(predictions, Math.random()))),
    "NO_TRACE",
    'Cannot trace the model: must do the same at every call, except for float32 tf.randomUniform, randomNormal and truncatedNormal (got "numbers from tf.mul that change from call to call")',
  ],
  [
    "a kernel that is not traced",
    withLoss((_, predictions) => tf.mean(tf.unique(predictions).values)),
    "NO_TRACE",
    'Cannot trace the model: every kernel that it calls must be one that a trace understands, whatever the engine (got "Unique outside of any layer")',
  ],
];

describe("a wrong call of train()", () => {
  it.each(wrong)("names %s in one sentence", async (_, changed, code, message) => {
    const given = changed();
    const model = dense("own");
    const before = model.getWeights().map((values) => values.dataSync());
    const options =
      Object(given) === given ? { model, workers: 1, batchSize: 4, ...arrays(), ...(given as Loose) } : given;
    const error = await train(options as never).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, message });
    expect(Object.keys((error as YfError).details), "values for programs").not.toEqual([]);
    expect(model.getWeights().map((values) => values.dataSync())).toEqual(before);
  });
});
