/** A net learns the digits below five; then its first layers are frozen, and the rest learns those from five on. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const transferLearning: Program = {
  name: "transfer learning, frozen layers",
  full: { examples: 600, batchSize: 12, epochs: 4 },
  make({ batchSize, epochs, examples, random }) {
    const lower = drawDigits(random, examples / 2, [0, 1, 2, 3, 4]);
    const upper = drawDigits(random, examples / 2, [5, 6, 7, 8, 9]);
    const test = drawDigits(random, 300, [5, 6, 7, 8, 9]);
    const labels = (digits: Int32Array, from: number) =>
      oneHot(
        digits.map((digit) => digit - from),
        5,
      );
    const features = [
      tf.layers.conv2d({ inputShape: [side, side, 1], filters: 8, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 12, kernelSize: 3, activation: "relu" }),
      tf.layers.flatten(),
    ];
    const model = tf.sequential({
      layers: [
        ...features,
        tf.layers.dense({ units: 32, activation: "relu" }),
        tf.layers.dense({ units: 5, activation: "softmax" }),
      ],
    });
    const compile = () =>
      model.compile({
        optimizer: tf.train.momentum(0.02, 0.9),
        loss: "categoricalCrossentropy",
        metrics: ["accuracy"],
      });
    return {
      models: [model],
      async train(trainer) {
        const settings = { batchSize, epochs: epochs / 2 };
        compile();
        await trainer.fit(model, lower.images, labels(lower.digits, 0), settings);
        for (const layer of features) layer.trainable = false;
        compile();
        return trainer.fit(model, upper.images, labels(upper.digits, 5), settings);
      },
      figures: () => evaluated(model, test.images, labels(test.digits, 5)),
    };
  },
};
