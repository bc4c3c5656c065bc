/** The temperature in a day from the last ten hours of three instruments: minibatches of an endless generator. */
import * as tf from "@tensorflow/tfjs";
import { integer, normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const [lookBack, delay, hours] = [10, 24, 5000];

/** Temperature, pressure and humidity of each hour, of mean 0 and variance about 1. */
function drawWeather(random: Random): number[][] {
  let front = 0;
  return times(hours, (hour) => {
    front = 0.98 * front + 0.1 * normal(random);
    const day = Math.sin((2 * Math.PI * hour) / 24);
    const year = Math.sin((2 * Math.PI * hour) / 2500);
    return [0.7 * day + year + 0.5 * front, front + 0.2 * normal(random), 0.5 * normal(random) - day];
  });
}

export const weather: Program = {
  name: "weather, generator dataset",
  full: { examples: 1280, batchSize: 64, epochs: 6 },
  make({ batchSize, epochs, examples, random }) {
    const records = drawWeather(random);
    const drawBatch = () => {
      const starts = times(batchSize, () => integer(random, hours - lookBack - delay));
      return {
        xs: tf.tensor3d(starts.map((start) => records.slice(start, start + lookBack))),
        ys: tf.tensor2d(starts.map((start) => [records[start + lookBack - 1 + delay][0]])),
      };
    };
    const validation = times(4, drawBatch);
    const dataset = tf.data.generator(function* () {
      while (true) yield drawBatch();
    } as never) as tf.data.Dataset<tf.TensorContainer>;
    const model = tf.sequential();
    model.add(tf.layers.gru({ units: 16, inputShape: [lookBack, 3] }));
    model.add(tf.layers.dense({ units: 1 }));
    model.compile({ optimizer: tf.train.rmsprop(0.005), loss: "meanAbsoluteError" });
    const x = tf.concat(validation.map(({ xs }) => xs));
    const y = tf.concat(validation.map(({ ys }) => ys));
    return {
      models: [model],
      train: (trainer) =>
        trainer.fitDataset(model, dataset, {
          batchesPerEpoch: examples / batchSize,
          epochs,
          validationData: [x, y],
        }),
      figures: () => evaluated(model, x, y),
    };
  },
};
