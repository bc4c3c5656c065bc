/** Digits by depthwise and separable convolutions, as in nets for telephones. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const separableConv: Program = {
  name: "depthwise and separable convolutions",
  full: { examples: 300, batchSize: 10, epochs: 4 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 200);
    const { layers } = tf;
    const model = tf.sequential({
      layers: [
        layers.conv2d({
          inputShape: [side, side, 1],
          filters: 8,
          kernelSize: 3,
          strides: 2,
          padding: "same",
          activation: "relu6",
        }),
        layers.depthwiseConv2d({ kernelSize: 3, padding: "same", activation: "relu6" }),
        layers.separableConv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu6" }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 10, activation: "softmax" }),
      ],
    });
    model.compile({
      optimizer: tf.train.momentum(0.02, 0.9),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
    });
    const labels = (digits: Int32Array) => tf.tensor1d(Float32Array.from(digits));
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.images, labels(train.digits), { batchSize, epochs }),
      figures: () => evaluated(model, test.images, labels(test.digits)),
    };
  },
};
