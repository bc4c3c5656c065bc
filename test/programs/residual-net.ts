/** Digits by two residual blocks of convolutions with a global mean at the end. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

function residual(input: tf.SymbolicTensor, filters: number): tf.SymbolicTensor {
  const conv = () =>
    tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", kernelInitializer: "heNormal" });
  const relu = () => tf.layers.activation({ activation: "relu" });
  const inner = conv().apply(relu().apply(conv().apply(input)));
  return relu().apply(tf.layers.add().apply([input, inner as tf.SymbolicTensor])) as tf.SymbolicTensor;
}

export const residualNet: Program = {
  name: "residual net",
  full: { examples: 150, batchSize: 10, epochs: 4 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 200);
    const image = tf.input({ shape: [side, side, 1] });
    const stem = tf.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, activation: "relu" }).apply(image);
    const blocks = residual(residual(stem as tf.SymbolicTensor, 6), 6);
    const mean = tf.layers.flatten().apply(tf.layers.averagePooling2d({ poolSize: 2 }).apply(blocks));
    const output = tf.layers.dense({ units: 10, activation: "softmax" }).apply(mean) as tf.SymbolicTensor;
    const model = tf.model({ inputs: image, outputs: output });
    model.compile({
      optimizer: tf.train.momentum(0.01, 0.9),
      loss: "categoricalCrossentropy",
      metrics: ["accuracy"],
    });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.images, oneHot(train.digits, 10), { batchSize, epochs }),
      figures: () => evaluated(model, test.images, oneHot(test.digits, 10)),
    };
  },
};
