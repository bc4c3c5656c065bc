/** The next character of a text by an LSTM over those before, as rows with one 1. */
import * as tf from "@tensorflow/tfjs";
import { integer, pick, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const subjects = ["the sea", "a ship", "the old port", "one sailor", "the night"];
const verbs = ["sees", "sings of", "keeps", "forgets"];
const alphabet = " .abcdefghijklmnopqrstuvwxyz";
const sequenceLength = 12;

function drawText(random: Random, n: number) {
  let text = "";
  while (text.length < 3000)
    text += `${pick(random, subjects)} ${pick(random, verbs)} ${pick(random, subjects)}. `;
  const codes = [...text].map((character) => alphabet.indexOf(character));
  const starts = times(n, () => integer(random, codes.length - sequenceLength - 1));
  const before = starts.map((start) => codes.slice(start, start + sequenceLength));
  const next = starts.map((start) => codes[start + sequenceLength]);
  return {
    x: tf.oneHot(tf.tensor2d(before, [n, sequenceLength], "int32"), alphabet.length).toFloat(),
    y: tf.oneHot(tf.tensor1d(next, "int32"), alphabet.length).toFloat(),
  };
}

export const textGeneration: Program = {
  name: "text generation, LSTM",
  full: { examples: 1280, batchSize: 64, epochs: 6 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawText(random, examples);
    const test = drawText(random, 200);
    const model = tf.sequential();
    model.add(
      tf.layers.lstm({
        units: 32,
        recurrentInitializer: "glorotNormal",
        inputShape: [sequenceLength, alphabet.length],
      }),
    );
    model.add(tf.layers.dense({ units: alphabet.length, activation: "softmax" }));
    model.compile({ optimizer: tf.train.rmsprop(0.01), loss: "categoricalCrossentropy" });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
