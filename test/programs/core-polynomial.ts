/** A cubic curve by the core API: four scalars and the mean squared error. */
import * as tf from "@tensorflow/tfjs";
import { normal, times } from "./data/draw.ts";
import type { Program } from "./harness/program.ts";

export const corePolynomial: Program = {
  name: "polynomial, core API",
  full: { examples: 2000, batchSize: 25, epochs: 20 },
  make({ batchSize, epochs, examples, random }) {
    const xs = times(examples, () => 2 * random() - 1);
    const x = tf.tensor1d(xs);
    const y = tf.tensor1d(
      xs.map((at) => -0.8 * at ** 3 - 0.2 * at ** 2 + 0.9 * at + 0.5 + 0.05 * normal(random)),
    );
    const [a, b, c, d] = times(4, () => tf.variable(tf.scalar(random())));
    const predict = (at: tf.Tensor): tf.Tensor =>
      a.mul(at.pow(3)).add(b.mul(at.square())).add(c.mul(at)).add(d);
    const loss = (labels: tf.Tensor, predictions: tf.Tensor): tf.Tensor =>
      predictions.sub(labels).square().mean();
    return {
      models: [],
      variables: [a, b, c, d],
      async train(trainer) {
        const variables = [a, b, c, d];
        await trainer.minimize({
          variables,
          predict,
          loss,
          optimizer: "sgd",
          learningRate: 0.1,
          x,
          y,
          batchSize,
          epochs,
        });
        return undefined;
      },
      figures: () => ({ loss: loss(y, predict(x)).dataSync()[0] }),
    };
  },
};
