/** Miles per gallon from horsepower, weight and year: labels in their unit, features scaled to mean 0 and variance 1. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

function drawCars(random: Random, n: number) {
  const rows = times(n, () => [60 + 150 * random(), 1600 + 3200 * random(), 70 + 12 * random()]);
  return {
    x: tf.tensor2d(rows),
    y: tf.tensor2d(
      rows.map(([horsepower, weight, year]) => [
        46 - 0.05 * horsepower - 0.0065 * weight + 0.3 * (year - 70) + normal(random),
      ]),
    ),
  };
}

export const fuelConsumption: Program = {
  name: "fuel consumption, labels in units",
  full: { examples: 2000, batchSize: 32, epochs: 30 },
  make({ batchSize, epochs, examples, random }) {
    const cars = drawCars(random, examples);
    const test = drawCars(random, 300);
    const { mean, variance } = tf.moments(cars.x, 0);
    const scaled = (x: tf.Tensor) => x.sub(mean).div(variance.sqrt());
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [3], units: 16, activation: "relu" }));
    model.add(tf.layers.dense({ units: 1 }));
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, scaled(cars.x), cars.y, { batchSize, epochs }),
      figures: () => evaluated(model, scaled(test.x), test.y),
    };
  },
};
