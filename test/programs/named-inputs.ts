/** Wide and deep: two inputs by their names, joined before the last layer. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

function drawCustomers(random: Random, n: number) {
  const flags = times(n, () => times(20, () => (random() < 0.2 ? 1 : 0)));
  const facts = times(n, () => times(6, () => normal(random)));
  const buys = times(n, (i) => [
    flags[i][0] + flags[i][3] - flags[i][7] + facts[i][0] * facts[i][1] > 0.3 ? 1 : 0,
  ]);
  return { x: { wide: tf.tensor2d(flags), deep: tf.tensor2d(facts) }, y: tf.tensor2d(buys) };
}

export const namedInputs: Program = {
  name: "wide and deep, named inputs",
  full: { examples: 6000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawCustomers(random, examples);
    const test = drawCustomers(random, 400);
    const wide = tf.input({ shape: [20], name: "wide" });
    const deep = tf.input({ shape: [6], name: "deep" });
    const hidden = tf.layers.dense({ units: 32, activation: "relu" }).apply(deep) as tf.SymbolicTensor;
    const deeper = tf.layers.dense({ units: 16, activation: "relu" }).apply(hidden) as tf.SymbolicTensor;
    const both = tf.layers.concatenate().apply([wide, deeper]);
    const output = tf.layers.dense({ units: 1, activation: "sigmoid" }).apply(both) as tf.SymbolicTensor;
    const model = tf.model({ inputs: [wide, deep], outputs: output });
    model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: ["accuracy"] });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, [test.x.wide, test.x.deep], test.y),
    };
  },
};
