/** Frauds, one in twenty: a sigmoid, and a weight for the rare class. */
import * as tf from "@tensorflow/tfjs";
import { normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

function drawPayments(random: Random, n: number) {
  const isFraud = times(n, () => random() < 0.05);
  const facts = isFraud.map((fraud) => times(12, (i) => normal(random) + (fraud && i < 4 ? 1.5 : 0)));
  return { x: tf.tensor2d(facts), y: tf.tensor2d(isFraud.map((fraud) => [fraud ? 1 : 0])) };
}

export const classWeights: Program = {
  name: "rare class, class weights",
  full: { examples: 8000, batchSize: 64, epochs: 10 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawPayments(random, examples);
    const test = drawPayments(random, 1000);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 24, activation: "relu", inputShape: [12] }));
    model.add(tf.layers.dense({ units: 1, activation: "sigmoid" }));
    model.compile({ optimizer: tf.train.adam(0.003), loss: "binaryCrossentropy", metrics: ["accuracy"] });
    return {
      models: [model],
      train: (trainer) =>
        trainer.fit(model, train.x, train.y, { batchSize, epochs, classWeight: { 0: 1, 1: 19 } }),
      figures() {
        const truth = test.y.dataSync();
        const found = (model.predict(test.x) as tf.Tensor).dataSync().map((p) => (p > 0.5 ? 1 : 0));
        const rate = (of: number) => {
          const places = [...truth.keys()].filter((i) => truth[i] === of);
          return places.filter((i) => found[i] === of).length / places.length;
        };
        return { ...evaluated(model, test.x, test.y), "balanced acc": (rate(0) + rate(1)) / 2 };
      },
    };
  },
};
