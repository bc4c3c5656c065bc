/** Sums of two numbers as text, a sequence to a sequence: an encoder, its state repeated, a decoder. */
import * as tf from "@tensorflow/tfjs";
import { integer, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const characters = "0123456789+ ";
const [questionLength, answerLength] = [5, 3];

function drawSums(random: Random, n: number) {
  const pairs = times(n, () => [integer(random, 100), integer(random, 100)]);
  const code = (texts: readonly string[], length: number) => {
    const rows = texts.map((text) =>
      [...text.padEnd(length)].map((character) => characters.indexOf(character)),
    );
    return tf.oneHot(tf.tensor2d(rows, [n, length], "int32"), characters.length).toFloat();
  };
  return {
    x: code(
      pairs.map(([a, b]) => `${a}+${b}`),
      questionLength,
    ),
    y: code(
      pairs.map(([a, b]) => `${a + b}`),
      answerLength,
    ),
  };
}

export const addition: Program = {
  name: "addition, sequence to sequence",
  full: { examples: 2000, batchSize: 64, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawSums(random, examples);
    const test = drawSums(random, 200);
    const model = tf.sequential();
    model.add(
      tf.layers.lstm({
        units: 32,
        recurrentInitializer: "glorotNormal",
        inputShape: [questionLength, characters.length],
      }),
    );
    model.add(tf.layers.repeatVector({ n: answerLength }));
    model.add(tf.layers.lstm({ units: 32, recurrentInitializer: "glorotNormal", returnSequences: true }));
    model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: characters.length }) }));
    model.add(tf.layers.activation({ activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
