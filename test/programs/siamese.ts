/** Whether two images show the same digit: one encoder, applied to both. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, side } from "./data/digits.ts";
import { integer, type Random } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

function drawPairs(random: Random, n: number) {
  const { digits, images } = drawDigits(random, 2 * n, [0, 1, 2, 3]);
  const first = Int32Array.from({ length: n }, () => integer(random, 2 * n));
  const second = Int32Array.from({ length: n }, () => integer(random, 2 * n));
  // Half of all pairs are made alike.
  for (let i = 0; i < n; i += 2)
    while (digits[second[i]] !== digits[first[i]]) second[i] = integer(random, 2 * n);
  const chosen = (places: Int32Array) => tf.gather(images, tf.tensor1d(places, "int32"));
  const same = Array.from(first, (place, i) => [digits[place] === digits[second[i]] ? 1 : 0]);
  return { x: [chosen(first), chosen(second)], y: tf.tensor2d(same) };
}

export const siamese: Program = {
  name: "siamese net, shared layers",
  full: { examples: 3000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawPairs(random, examples);
    const test = drawPairs(random, 300);
    const shape = [side, side, 1];
    const encoder = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: shape }),
        tf.layers.dense({ units: 48, activation: "relu" }),
        tf.layers.dense({ units: 16, activation: "tanh" }),
      ],
    });
    const inputs = [tf.input({ shape }), tf.input({ shape })];
    const [a, b] = inputs.map((input) => encoder.apply(input) as tf.SymbolicTensor);
    const product = tf.layers.multiply().apply([a, b]);
    const output = tf.layers.dense({ units: 1, activation: "sigmoid" }).apply(product) as tf.SymbolicTensor;
    const model = tf.model({ inputs, outputs: output });
    model.compile({ optimizer: tf.train.adam(0.002), loss: "binaryCrossentropy", metrics: ["accuracy"] });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
