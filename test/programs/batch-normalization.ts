/** Digits with batch normalization and dropout after each layer; the statistics move while it trains. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const batchNormalization: Program = {
  name: "batch normalization and dropout",
  full: { examples: 4000, batchSize: 50, epochs: 6 },
  make({ batchSize, epochs, examples, mayDraw, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 400);
    const { layers } = tf;
    const model = tf.sequential({ layers: [layers.flatten({ inputShape: [side, side, 1] })] });
    for (const units of [64, 32]) {
      model.add(layers.dense({ units, useBias: false }));
      model.add(layers.batchNormalization({ momentum: 0.9 }));
      model.add(layers.activation({ activation: "relu" }));
      model.add(layers.dropout({ rate: mayDraw ? 0.1 : 0 }));
    }
    model.add(layers.dense({ units: 10, activation: "softmax" }));
    model.compile({
      optimizer: tf.train.momentum(0.05, 0.9),
      loss: "categoricalCrossentropy",
      metrics: ["accuracy"],
    });
    return {
      models: [model],
      train: (trainer) =>
        trainer.fit(model, train.images, oneHot(train.digits, 10), {
          batchSize,
          epochs,
          validationSplit: 0.1,
        }),
      figures: () => evaluated(model, test.images, oneHot(test.digits, 10)),
    };
  },
};
