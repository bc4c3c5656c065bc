/** A tag for each word of a sentence, by the word and those before it: class indices `[B, T, 1]`. */
import * as tf from "@tensorflow/tfjs";
import { integer, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const [sentenceLength, words, tags] = [10, 40, 5];

/** The tag is the word's own, or that of an object where a verb (tag 1) came just before. */
function drawSentences(random: Random, n: number) {
  const sentences = times(n, () => times(sentenceLength, () => integer(random, words)));
  const tagged = sentences.map((sentence) =>
    sentence.map((word, i) => (i > 0 && sentence[i - 1] % 4 === 1 && word % 4 === 0 ? 4 : word % 4)),
  );
  return { x: tf.tensor2d(sentences), y: tf.tensor3d(tagged.map((row) => row.map((tag) => [tag]))) };
}

export const tagger: Program = {
  name: "tagger, a class per position",
  full: { examples: 480, batchSize: 32, epochs: 4 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawSentences(random, examples);
    const test = drawSentences(random, 200);
    const model = tf.sequential();
    model.add(tf.layers.embedding({ inputDim: words, outputDim: 12, inputLength: sentenceLength }));
    model.add(tf.layers.lstm({ units: 16, recurrentInitializer: "glorotNormal", returnSequences: true }));
    model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: tags, activation: "softmax" }) }));
    model.compile({
      optimizer: tf.train.adam(0.01),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
    });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
