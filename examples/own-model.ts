/** Trains a TensorFlow.js model of one's own on arrays of one's own; the model comes back with its new weights. */
import * as tf from "@tensorflow/tfjs";
import { train } from "yf-async";

// Points in the plane; the class is the quadrant that a point lies in.
const points = Array.from({ length: 2000 }, (_, i) => [Math.sin(i) * 2, Math.cos(1.7 * i) * 2]);
const quadrants = points.map(([x, y]) => (x > 0 ? 1 : 0) + (y > 0 ? 2 : 0));

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 32, activation: "relu", inputShape: [2] }),
    tf.layers.dropout({ rate: 0.1 }),
    tf.layers.dense({ units: 4 }),
  ],
});

const { summary } = await train({
  model,
  data: {
    train: { features: points.slice(200), labels: { values: quadrants.slice(200), classes: 4 } },
    test: { features: points.slice(0, 200), labels: { values: quadrants.slice(0, 200), classes: 4 } },
  },
  workers: 2,
  epochs: 20,
  batchSize: 32,
});

const [answer] = (model.predict(tf.tensor2d([[1, -1]])) as tf.Tensor).argMax(1).dataSync();
console.log(`test accuracy ${summary.testAccuracy}; the point (1, -1) is in class ${answer}`);
