/** Which digit it is and whether it is odd: two outputs, a loss and a metric for each by name. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, oneHot, side } from "./data/digits.ts";
import { evaluated, type Program } from "./harness/program.ts";

export const multipleOutputs: Program = {
  name: "two outputs, losses by name",
  full: { examples: 3000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawDigits(random, examples);
    const test = drawDigits(random, 400);
    const targets = (digits: Int32Array) => ({
      digit: oneHot(digits, 10),
      odd: tf.tensor2d(Array.from(digits, (digit) => [digit % 2])),
    });
    const image = tf.input({ shape: [side, side, 1] });
    const flat = tf.layers.flatten().apply(image);
    const hidden = tf.layers.dense({ units: 64, activation: "relu" }).apply(flat);
    const digit = tf.layers.dense({ units: 10, activation: "softmax", name: "digit" }).apply(hidden);
    const odd = tf.layers.dense({ units: 1, activation: "sigmoid", name: "odd" }).apply(hidden);
    const model = tf.model({ inputs: image, outputs: [digit, odd] as tf.SymbolicTensor[] });
    model.compile({
      optimizer: tf.train.adam(0.002),
      loss: { digit: "categoricalCrossentropy", odd: "binaryCrossentropy" },
      metrics: { digit: "accuracy", odd: "accuracy" },
    });
    const { digit: digits, odd: odds } = targets(test.digits);
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.images, targets(train.digits), { batchSize, epochs }),
      figures: () => evaluated(model, test.images, [digits, odds]),
    };
  },
};
