/** Digits by a dense net with dropout: rows with one 1 for labels, a softmax and its cross entropy. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const imageDense: Program = {
  name: "digits, dense net",
  full: { examples: 3000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, mayDraw, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 400);
    const model = tf.sequential();
    model.add(tf.layers.flatten({ inputShape: [side, side, 1] }));
    model.add(tf.layers.dense({ units: 96, activation: "relu" }));
    model.add(tf.layers.dropout({ rate: mayDraw ? 0.2 : 0 }));
    model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
    model.compile({ optimizer: "rmsprop", loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    const validation = [test.images, oneHot(test.digits, 10)] as [tf.Tensor, tf.Tensor];
    return {
      models: [model],
      train: (trainer) =>
        trainer.fit(model, train.images, oneHot(train.digits, 10), {
          batchSize,
          epochs,
          validationData: validation,
        }),
      figures: () => evaluated(model, ...validation),
    };
  },
};
