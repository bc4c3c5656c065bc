/** For each built-in model the smallest data that it takes, with a loss. */
import { buildModel, type ModelName } from "../../src/tfjs/models/build-model.ts";
import { tf } from "../../src/tfjs/tf.ts";
import type { Subject } from "./agreement.ts";

const ofImages = (shape: number[]): Omit<Subject, "model"> => ({
  loss: "sparseSoftmaxCrossEntropy",
  features: [{ shape, dtype: "float32" }],
  labels: [{ shape: [], dtype: "int32" }],
  batchSize: 2,
});

/** Mean cross entropy over all steps of all sequences. */
const sequenceLoss = (labels: tf.Tensor, logits: tf.Tensor): tf.Scalar => {
  const [classes] = logits.shape.slice(-1);
  const hot = tf.oneHot(tf.reshape(labels, [-1]) as tf.Tensor1D, classes, 1, 0, "float32");
  return tf.losses.softmaxCrossEntropy(hot, tf.reshape(logits, [-1, classes]));
};

const types: Readonly<Record<ModelName, Omit<Subject, "model">>> = {
  lenet: ofImages([28, 28, 1]),
  mlp: ofImages([28, 28, 1]),
  logistic: ofImages([28, 28, 1]),
  resnet20: ofImages([8, 8, 3]),
  resnet110: ofImages([4, 4, 1]),
  "char-lstm": {
    loss: sequenceLoss,
    features: [{ shape: [4], dtype: "int32" }],
    labels: [{ shape: [4], dtype: "int32" }],
    batchSize: 2,
  },
};

/** A built-in model of 10 classes and everything that training it takes. */
export const modelSubject = (name: ModelName, seed = 3): Subject & { classes: number } => ({
  ...types[name],
  model: buildModel(name, { inputShape: types[name].features[0].shape, classes: 10, seed }),
  classes: 10,
});
