/** Reviews, praise or blame, by four nets that begin with an embedding and end with a sigmoid. */
import * as tf from "@tensorflow/tfjs";
import { drawReviews, reviewLength, vocabulary } from "./data/reviews.ts";
import { evaluated, type Program, type Size } from "./harness/program.ts";

const { layers } = tf;

/** @param middle Between the embedded words, `[B, 16, 16]`, and the last layer. */
function sentiment(name: string, full: Size, middle: () => tf.layers.Layer[]): Program {
  return {
    name: `sentiment, ${name}`,
    full,
    make({ batchSize, epochs, examples, random }) {
      const train = drawReviews(random, examples);
      const test = drawReviews(random, 300);
      const model = tf.sequential();
      model.add(layers.embedding({ inputDim: vocabulary, outputDim: 16, inputLength: reviewLength }));
      for (const layer of middle()) model.add(layer);
      model.add(layers.dense({ units: 1, activation: "sigmoid" }));
      model.compile({ optimizer: tf.train.adam(0.005), loss: "binaryCrossentropy", metrics: ["acc"] });
      return {
        models: [model],
        train: (trainer) =>
          trainer.fit(model, train.words, train.isGood, { batchSize, epochs, validationSplit: 0.2 }),
        figures: () => evaluated(model, test.words, test.isGood),
      };
    },
  };
}

export const sentimentFlat = sentiment("embedding", { examples: 1000, batchSize: 32, epochs: 3 }, () => [
  layers.flatten(),
  layers.dense({ units: 16, activation: "relu" }),
]);

export const sentimentConv = sentiment("CNN", { examples: 500, batchSize: 16, epochs: 3 }, () => [
  layers.conv1d({ filters: 16, kernelSize: 3, activation: "relu" }),
  layers.globalMaxPooling1d({}),
  layers.dense({ units: 16, activation: "relu" }),
]);

export const sentimentBidirectional = sentiment(
  "bidirectional LSTM",
  { examples: 480, batchSize: 32, epochs: 3 },
  () => [
    layers.bidirectional({
      layer: layers.lstm({ units: 12, recurrentInitializer: "glorotNormal" }) as tf.RNN,
      mergeMode: "concat",
    }),
  ],
);

export const sentimentGru = sentiment("GRU", { examples: 480, batchSize: 32, epochs: 3 }, () => [
  layers.gru({ units: 16, recurrentInitializer: "glorotNormal" }),
]);
