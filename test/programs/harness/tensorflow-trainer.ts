/** TensorFlow.js as it is. */
import * as tf from "@tensorflow/tfjs";
import { EpochOrder } from "../../../src/data/permutation.ts";
import { sharedSeed, type Trainer } from "./trainer.ts";

/** With the divisor that `train()` has, as in the paper. */
const adam = (learningRate: number) => tf.train.adam(learningRate, 0.9, 0.999, 1e-8);

/** @param exact Uses the examples in the order that they have. */
export const tensorflow = (exact: boolean): Trainer => {
  const common = exact ? { shuffle: false, verbose: 0 as const } : {};
  return {
    fit: (model, x, y, settings) => model.fit(x, y, { ...settings, ...common }),
    fitDataset: (model, dataset, settings) => model.fitDataset(dataset, { verbose: 0, ...settings }),
    trainOnBatch: (model, x, y) => model.trainOnBatch(x, y),
    async minimize({ batchSize, epochs, learningRate, loss, optimizer, predict, variables, x, y }) {
      const steps = optimizer === "sgd" ? tf.train.sgd(learningRate) : adam(learningRate);
      for (let epoch = 0; epoch < epochs; epoch++) {
        const own = new EpochOrder(sharedSeed, epoch, x.shape[0]);
        const order = tf.util.createShuffledIndices(x.shape[0]).map((any, i) => (exact ? own.at(i) : any));
        for (let at = 0; at < x.shape[0]; at += batchSize) {
          tf.tidy(() => {
            const rows = tf.tensor1d(Int32Array.from(order.slice(at, at + batchSize)), "int32");
            const [xs, ys] = [tf.gather(x, rows), tf.gather(y, rows)];
            steps.minimize(() => loss(ys, predict(xs)).mean(), false, [...variables]);
          });
        }
      }
      steps.dispose();
    },
    release: async () => undefined,
  };
};
