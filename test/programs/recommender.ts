/** Stars that a user gives a film: the product of an embedding of each, and a mean for each. */
import * as tf from "@tensorflow/tfjs";
import { integer, normal, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const [users, films, width] = [60, 40, 6];

function createTaste(random: Random) {
  const taste = (n: number) => times(n, () => times(2, () => normal(random)));
  const [ofUsers, ofFilms] = [taste(users), taste(films)];
  return (n: number) => {
    const pairs = times(n, () => [integer(random, users), integer(random, films)]);
    const stars = pairs.map(([user, film]) => {
      const product = ofUsers[user][0] * ofFilms[film][0] + ofUsers[user][1] * ofFilms[film][1];
      return [Math.min(5, Math.max(1, 3 + product + 0.2 * normal(random)))];
    });
    return {
      x: [tf.tensor2d(pairs.map(([user]) => [user])), tf.tensor2d(pairs.map(([, film]) => [film]))],
      y: tf.tensor2d(stars),
    };
  };
}

export const recommender: Program = {
  name: "recommender, two embeddings",
  full: { examples: 4000, batchSize: 32, epochs: 8 },
  make({ batchSize, epochs, examples, random }) {
    const draw = createTaste(random);
    const [train, test] = [draw(examples), draw(400)];
    const inputs = [tf.input({ shape: [1] }), tf.input({ shape: [1] })];
    const embedded = (outputDim: number) =>
      [users, films].map((inputDim, i) => {
        const layer = tf.layers.embedding({ inputDim, outputDim, embeddingsInitializer: "heNormal" });
        return tf.layers.flatten().apply(layer.apply(inputs[i])) as tf.SymbolicTensor;
      });
    const product = tf.layers.dot({ axes: 1 }).apply(embedded(width)) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([product, ...embedded(1)]);
    const stars = tf.layers.dense({ units: 1, biasInitializer: tf.initializers.constant({ value: 3 }) });
    const model = tf.model({ inputs, outputs: stars.apply(sum) as tf.SymbolicTensor });
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
