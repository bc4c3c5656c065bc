/** Prices in thousands from twelve facts by a linear model and plain gradient descent, validated on the last fifth. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const slopes = [3, -2, 1.5, 4, -3, 2, 0.5, -1, 2.5, -0.5, 1, -4];

function drawHouses(random: Random, n: number) {
  const rows = times(n, () => slopes.map(() => normal(random)));
  const prices = rows.map(
    (facts) => facts.reduce((sum, fact, i) => sum + slopes[i] * fact, 22.5) + normal(random),
  );
  return { x: tf.tensor2d(rows), y: tf.tensor2d(prices, [n, 1]) };
}

export const housePricesLinear: Program = {
  name: "house prices, linear",
  full: { examples: 3000, batchSize: 40, epochs: 40 },
  make({ batchSize, epochs, examples, random }) {
    const houses = drawHouses(random, examples);
    const test = drawHouses(random, 300);
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [slopes.length], units: 1 })] });
    model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, houses.x, houses.y, { batchSize, epochs, validationSplit: 0.2 }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
