/** House prices in units of 100,000, with the weights rounded to 256 levels after training. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

function drawHouses(random: Random, n: number) {
  const rows = times(n, () => times(8, () => normal(random)));
  const prices = rows.map(([income, age, rooms, , , , north, west]) => [
    2 + 0.8 * income + 0.2 * age * rooms + 0.5 * Math.sin(2 * north) * west + 0.1 * normal(random),
  ]);
  return { x: tf.tensor2d(rows), y: tf.tensor2d(prices) };
}

/** Each weight at the nearest of 256 values between the least and the largest one of its tensor. */
function quantised(weight: tf.Tensor): tf.Tensor {
  const [least, largest] = [weight.min(), weight.max()];
  const step = largest.sub(least).div(255).maximum(1e-12);
  return weight.sub(least).div(step).round().mul(step).add(least);
}

export const quantisedHousing: Program = {
  name: "housing, quantised afterwards",
  full: { examples: 3000, batchSize: 64, epochs: 30 },
  make({ batchSize, epochs, examples, random }) {
    const houses = drawHouses(random, examples);
    const test = drawHouses(random, 300);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 50, activation: "relu", inputShape: [8] }));
    model.add(tf.layers.dense({ units: 50, activation: "relu" }));
    model.add(tf.layers.dense({ units: 1 }));
    model.compile({ optimizer: tf.train.adam(0.002), loss: "meanSquaredError", metrics: ["mae"] });
    return {
      models: [model],
      train: (trainer) =>
        trainer.fit(model, houses.x, houses.y, { batchSize, epochs, validationSplit: 0.15 }),
      figures() {
        const whole = evaluated(model, test.x, test.y);
        model.setWeights(model.getWeights().map(quantised));
        return { ...whole, "mae of 8 bits": evaluated(model, test.x, test.y).mae };
      },
    };
  },
};
