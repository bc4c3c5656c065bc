/** Fits a function over variables, with a loss of one's own, and ends the run when the loss is small enough. */
import * as tf from "@tensorflow/tfjs";
import { train } from "yf-async";

// y = sin(3x) with noise, to be fitted by a polynomial.
const x = Float32Array.from({ length: 4096 }, (_, i) => i / 2048 - 1);
const y = x.map((value, i) => Math.sin(3 * value) + 0.05 * Math.sin(1e4 * i));

const coefficients = tf.variable(tf.zeros([6, 1]), true, "coefficients");
const controller = new AbortController();

const { summary } = await train({
  model: (features) =>
    tf.matMul(
      tf.concat(
        [0, 1, 2, 3, 4, 5].map((power) => tf.pow(features, power)),
        1,
      ),
      coefficients,
    ),
  variables: [coefficients],
  loss: (labels, predictions) => tf.mean(tf.square(tf.sub(labels, predictions))),
  data: { train: { features: x, labels: { values: y, shape: [1] } } },
  optimizer: "adam",
  learningRate: 0.02,
  workers: 2,
  epochs: 200,
  signal: controller.signal,
  callbacks: { onYield: ({ loss }) => loss < 0.005 && controller.abort() },
});

console.log(`loss ${summary.trainLoss?.toFixed(4)} after ${summary.updates} updates (${summary.stopReason})`);
