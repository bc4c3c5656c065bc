/** Prices in thousands from ten facts by two hidden layers; labels of shape [N]. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

function drawHouses(random: Random, n: number) {
  const rows = times(n, () => times(10, () => normal(random)));
  const prices = rows.map(
    ([rooms, crime, age, river]) =>
      22.5 + 5 * rooms - 3 * Math.tanh(crime) * age + 4 * Math.abs(river) + normal(random),
  );
  return { x: tf.tensor2d(rows), y: tf.tensor1d(prices) };
}

export const housePricesDeep: Program = {
  name: "house prices, two hidden layers",
  full: { examples: 2400, batchSize: 40, epochs: 40 },
  make({ batchSize, epochs, examples, random }) {
    const houses = drawHouses(random, examples);
    const test = drawHouses(random, 300);
    const model = tf.sequential();
    for (const more of [{ inputShape: [10] }, {}]) {
      model.add(
        tf.layers.dense({ units: 50, activation: "sigmoid", kernelInitializer: "leCunNormal", ...more }),
      );
    }
    model.add(tf.layers.dense({ units: 1 }));
    model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, houses.x, houses.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y.reshape([-1, 1])),
    };
  },
};
