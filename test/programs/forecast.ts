/** The next values of a wave from those before: a simple recurrent net, and convolutions. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program, type Size } from "./harness/program.ts";

const steps = 16;

function drawWaves(random: Random, n: number) {
  const waves = times(n, () => {
    const [phase, speed] = [2 * Math.PI * random(), 0.3 + 0.5 * random()];
    return times(steps + 1, (i) => [Math.sin(phase + speed * i) + 0.05 * normal(random)]);
  });
  return {
    x: tf.tensor3d(waves.map((wave) => wave.slice(0, steps))),
    y: tf.tensor2d(waves.map((wave) => wave[steps])),
  };
}

function forecast(name: string, full: Size, first: () => tf.layers.Layer[]): Program {
  return {
    name: `forecast, ${name}`,
    full,
    make({ batchSize, epochs, examples, random }) {
      const train = drawWaves(random, examples);
      const test = drawWaves(random, 300);
      const model = tf.sequential({ layers: [...first(), tf.layers.dense({ units: 1 })] });
      model.compile({ optimizer: tf.train.adam(0.005), loss: "meanSquaredError", metrics: ["mae"] });
      return {
        models: [model],
        train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
        figures: () => evaluated(model, test.x, test.y),
      };
    },
  };
}

export const forecastRecurrent = forecast(
  "simple recurrent net",
  { examples: 1600, batchSize: 32, epochs: 6 },
  () => [tf.layers.simpleRNN({ units: 16, inputShape: [steps, 1] })],
);

export const forecastConv = forecast("convolutions", { examples: 1200, batchSize: 32, epochs: 6 }, () => [
  tf.layers.conv1d({ filters: 12, kernelSize: 3, activation: "tanh", inputShape: [steps, 1] }),
  tf.layers.conv1d({ filters: 12, kernelSize: 3, strides: 2, activation: "tanh" }),
  tf.layers.globalAveragePooling1d({}),
]);
