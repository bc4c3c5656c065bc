/** A program that called `model.fit` before: one line is another one, and all cores train. */
import * as tf from "@tensorflow/tfjs";
import { fit, release } from "yf-async";

// Points in the plane; the answer is whether a point lies in the ring between two circles.
const points = tf.randomUniform([2000, 2], -2, 2, "float32", 7) as tf.Tensor2D;
const radius = points.norm("euclidean", 1);
const isInRing = tf.logicalAnd(radius.greater(0.8), radius.less(1.6)).toFloat();

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 32, activation: "relu", inputShape: [2] }),
    tf.layers.dense({ units: 32, activation: "relu" }),
    tf.layers.dense({ units: 1, activation: "sigmoid" }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.005), loss: "binaryCrossentropy", metrics: ["accuracy"] });

// Was: const history = await model.fit(points, isInRing, {
const history = await fit(model, points, isInRing, {
  epochs: 30,
  validationSplit: 0.2,
  optimizer: "compiled",
  callbacks: {
    onEpochEnd: (epoch, logs) => {
      if (epoch % 10 === 9) console.log(`epoch ${epoch}: loss ${logs?.loss?.toFixed(3)}`);
    },
  },
});

const { val_acc: accuracy } = history.history;
console.log(`validation accuracy ${accuracy.at(-1)}`);
await release(model);
