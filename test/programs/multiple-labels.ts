/** Which of six things hold of a text, each for itself: a sigmoid for each over a bag of words. */
import * as tf from "@tensorflow/tfjs";
import { type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const [words, labels] = [120, 6];

function drawTexts(random: Random, n: number) {
  const bags = times(n, () => times(words, () => (random() < 0.08 ? 1 : 0)));
  // Each label has ten words of its own and holds where one of them occurs.
  const held = bags.map((bag) =>
    times(labels, (label) => Math.max(...bag.slice(10 * label, 10 * label + 10))),
  );
  return { x: tf.tensor2d(bags), y: tf.tensor2d(held) };
}

export const multipleLabels: Program = {
  name: "several labels, sigmoids",
  full: { examples: 4000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawTexts(random, examples);
    const test = drawTexts(random, 400);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 64, activation: "relu", inputShape: [words] }));
    model.add(tf.layers.dense({ units: labels, activation: "sigmoid" }));
    model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: ["binaryAccuracy"] });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
