/** Digits by a convolutional net, the last share of the images to validate with. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const imageConv: Program = {
  name: "digits, convolutional net",
  full: { examples: 300, batchSize: 10, epochs: 3 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 300);
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [side, side, 1], filters: 8, kernelSize: 3, activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
        tf.layers.conv2d({
          filters: 16,
          kernelSize: 3,
          activation: "relu",
          kernelInitializer: "varianceScaling",
        }),
        tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 10, activation: "softmax", kernelInitializer: "varianceScaling" }),
      ],
    });
    model.compile({
      optimizer: tf.train.adam(0.005),
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
