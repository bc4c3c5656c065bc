/** Images without the noise that was added to them, through a narrow layer. */
import * as tf from "@tensorflow/tfjs";
import { drawDigits, side } from "./data/digits.ts";
import { type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const pixels = side * side;

function drawPairs(random: Random, n: number) {
  const clean = drawDigits(random, n).images.reshape([n, pixels]);
  const noise = tf.tensor2d(
    times(n * pixels, () => 0.4 * (random() - 0.5)),
    [n, pixels],
  );
  return { x: clean.add(noise), y: clean };
}

export const denoisingAutoencoder: Program = {
  name: "denoising autoencoder",
  full: { examples: 3000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawPairs(random, examples);
    const test = drawPairs(random, 300);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 64, activation: "elu", inputShape: [pixels] }));
    model.add(tf.layers.dense({ units: 16, activation: "elu" }));
    model.add(tf.layers.dense({ units: 64, activation: "elu" }));
    model.add(tf.layers.dense({ units: pixels, activation: "sigmoid" }));
    model.compile({ optimizer: tf.train.adam(0.002), loss: "meanSquaredError" });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
