/** Flowers of three kinds from four lengths, by a dataset of `tf.data` that is shuffled into minibatches. */
import * as tf from "@tensorflow/tfjs";
import { integer, normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

/** Mean lengths in centimetres of each kind. */
const kinds = [
  [5.0, 3.4, 1.5, 0.2],
  [5.9, 2.8, 4.3, 1.3],
  [6.6, 3.0, 5.6, 2.0],
];

function drawFlowers(random: Random, n: number) {
  const species = times(n, () => integer(random, 3));
  return { lengths: species.map((kind) => kinds[kind].map((mean) => mean + 0.3 * normal(random))), species };
}

export const iris: Program = {
  name: "iris, fitDataset",
  full: { examples: 240, batchSize: 8, epochs: 30 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawFlowers(random, examples);
    const test = drawFlowers(random, 300);
    const labels = (species: number[]) => tf.oneHot(tf.tensor1d(species, "int32"), 3).toFloat();
    const dataset = tf.data
      .zip({
        xs: tf.data.array(train.lengths),
        ys: tf.data.array(train.species.map((kind) => [0, 1, 2].map((other) => (other === kind ? 1 : 0)))),
      })
      .batch(batchSize);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 10, activation: "sigmoid", inputShape: [4] }));
    model.add(tf.layers.dense({ units: 3, activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    return {
      models: [model],
      train: (trainer) => trainer.fitDataset(model, dataset, { epochs }),
      figures: () => evaluated(model, tf.tensor2d(test.lengths), labels(test.species)),
    };
  },
};
