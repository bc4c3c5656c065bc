/** The middle of a row of numbers, from a generator that never ends and a dataset of minibatches to validate with. */
import * as tf from "@tensorflow/tfjs";
import { type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const length = 8;

function drawRows(random: Random, n: number) {
  const rows = times(n, () => times(length, () => random()));
  const middle = rows.map((row) => [row.toSorted((a, b) => a - b)[length / 2]]);
  return { xs: tf.tensor2d(rows), ys: tf.tensor2d(middle) };
}

export const endlessGenerator: Program = {
  name: "generator without end",
  full: { examples: 9600, batchSize: 32, epochs: 6 },
  make({ batchSize, epochs, examples, random }) {
    const endless = (draw: () => tf.TensorContainer) =>
      tf.data.generator(function* () {
        while (true) yield draw();
      } as never) as tf.data.Dataset<tf.TensorContainer>;
    const { xs, ys } = drawRows(random, 300);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 48, activation: "relu", inputShape: [length] }));
    model.add(tf.layers.dense({ units: 1 }));
    model.compile({ optimizer: tf.train.adam(0.003), loss: "meanSquaredError", metrics: ["mae"] });
    return {
      models: [model],
      train: (trainer) =>
        trainer.fitDataset(
          model,
          endless(() => drawRows(random, batchSize)),
          {
            batchesPerEpoch: examples / batchSize,
            epochs,
            validationData: endless(() => ({ xs: xs.clone(), ys: ys.clone() })),
            validationBatches: 1,
          },
        ),
      figures: () => evaluated(model, xs, ys),
    };
  },
};
