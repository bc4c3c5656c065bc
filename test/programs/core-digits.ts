/** Digits by the core API: variables, a function of them, a loss on logits, and an optimizer that minimises it. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot } from "./data/digits.ts";
import type { Program } from "./harness/program.ts";

export const coreDigits: Program = {
  name: "digits, core API",
  full: { examples: 300, batchSize: 10, epochs: 3 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 300);
    const filters1 = tf.variable(tf.randomNormal([3, 3, 1, 6], 0, 0.2)) as tf.Variable<tf.Rank.R4>;
    const filters2 = tf.variable(tf.randomNormal([3, 3, 6, 8], 0, 0.15)) as tf.Variable<tf.Rank.R4>;
    const weights = tf.variable(tf.randomNormal([4 * 4 * 8, 10], 0, 0.09)) as tf.Variable<tf.Rank.R2>;
    const bias = tf.variable(tf.zeros([10]));
    const predict = (images: tf.Tensor): tf.Tensor => {
      const first = tf.maxPool(tf.relu(tf.conv2d(images as tf.Tensor4D, filters1, 1, "same")), 2, 2, "valid");
      const second = tf.maxPool(tf.relu(tf.conv2d(first, filters2, 1, "same")), 2, 2, "same");
      return tf.add(tf.matMul(tf.reshape(second, [-1, 4 * 4 * 8]), weights), bias);
    };
    const loss = (labels: tf.Tensor, logits: tf.Tensor): tf.Tensor =>
      tf.losses.softmaxCrossEntropy(labels, logits);
    return {
      models: [],
      variables: [filters1, filters2, weights, bias],
      async train(trainer) {
        await trainer.minimize({
          variables: [filters1, filters2, weights, bias],
          predict,
          loss,
          optimizer: "adam",
          learningRate: 0.003,
          x: train.images,
          y: oneHot(train.digits, 10),
          batchSize,
          epochs,
        });
        return undefined;
      },
      figures() {
        const logits = predict(test.images);
        const isRight = tf.equal(tf.argMax(logits, 1), tf.tensor1d(test.digits, "int32"));
        return {
          loss: loss(oneHot(test.digits, 10), logits).dataSync()[0],
          acc: tf.mean(tf.cast(isRight, "float32")).dataSync()[0],
        };
      },
    };
  },
};
