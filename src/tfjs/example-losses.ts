/**
 * The losses that `model.compile()` of TensorFlow.js knows by name, an example (or a position of one) each: labels and
 * predictions `[B, ..., C]` to `[B, ...]`.
 *
 * The values are those of `model.evaluate`, with one exception: labels 0 of hinge losses count as −1, as in Keras, where
 * TensorFlow.js would take them for no label at all.
 */
import { tf } from "./tf.ts";

/** Float32 labels and predictions of one shape to a loss for each example or position. */
export type ExampleLoss = (labels: tf.Tensor, predictions: tf.Tensor) => tf.Tensor;

/** What keeps logarithms and quotients finite in TensorFlow.js. */
const epsilon = 1e-7;

const clipped = (x: tf.Tensor, most: number) => tf.clipByValue(x, epsilon, most);
const mean = (x: tf.Tensor) => tf.mean(x, -1);
const margins = (labels: tf.Tensor, predictions: tf.Tensor) => {
  const signs = tf.sub(labels, tf.cast(tf.equal(labels, 0), "float32"));
  return tf.relu(tf.sub(1, tf.mul(signs, predictions)));
};
const unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), -1, true), epsilon)));

const categoricalCrossentropy: ExampleLoss = (labels, probabilities) => {
  const shares = tf.div(probabilities, tf.sum(probabilities, -1, true));
  return tf.neg(tf.sum(tf.mul(labels, tf.log(clipped(shares, 1 - epsilon))), -1));
};

/** By the names of TensorFlow.js; class indices come one-hot. */
export const exampleLosses = {
  meanSquaredError: (labels, predictions) => mean(tf.square(tf.sub(predictions, labels))),
  meanAbsoluteError: (labels, predictions) => mean(tf.abs(tf.sub(predictions, labels))),
  meanAbsolutePercentageError: (labels, predictions) => {
    const size = clipped(tf.abs(labels), Number.MAX_VALUE);
    return tf.mul(100, mean(tf.abs(tf.div(tf.sub(labels, predictions), size))));
  },
  meanSquaredLogarithmicError: (labels, predictions) => {
    const log = (x: tf.Tensor) => tf.log(tf.add(1, clipped(x, Number.MAX_VALUE)));
    return mean(tf.square(tf.sub(log(labels), log(predictions))));
  },
  hinge: (labels, predictions) => mean(margins(labels, predictions)),
  squaredHinge: (labels, predictions) => mean(tf.square(margins(labels, predictions))),
  categoricalHinge: (labels, predictions) => {
    const right = tf.sum(tf.mul(labels, predictions), -1);
    const wrong = tf.max(tf.mul(tf.sub(1, labels), predictions), -1);
    return tf.relu(tf.add(1, tf.sub(wrong, right)));
  },
  logcosh: (labels, predictions) => {
    const error = tf.sub(predictions, labels);
    return mean(tf.sub(tf.add(error, tf.softplus(tf.mul(-2, error))), Math.LN2));
  },
  categoricalCrossentropy,
  sparseCategoricalCrossentropy: (labels, probabilities) =>
    categoricalCrossentropy(labels, clipped(probabilities, 1 - epsilon)),
  binaryCrossentropy: (labels, probabilities) => {
    const p = clipped(probabilities, 1 - epsilon);
    return binaryOfLogits(labels, tf.log(tf.div(p, tf.sub(1, p))));
  },
  kullbackLeiblerDivergence: (labels, probabilities) =>
    tf.sum(tf.mul(labels, tf.log(tf.div(clipped(labels, 1), clipped(probabilities, 1)))), -1),
  poisson: (labels, predictions) =>
    mean(tf.sub(predictions, tf.mul(labels, tf.log(tf.add(epsilon, predictions))))),
  cosineProximity: (labels, predictions) => tf.neg(tf.sum(tf.mul(unit(labels), unit(predictions)), -1)),
} as const satisfies Record<string, ExampleLoss>;

/** −Σ t·log softmax(z): what {@link exampleLosses} give behind a softmax, without its rounding and clipping. */
export const categoricalOfLogits: ExampleLoss = (labels, logits) =>
  tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));

/** Mean of max(z, 0) − z·t + log(1 + exp(−|z|)): the binary cross entropy behind a sigmoid. */
export const binaryOfLogits: ExampleLoss = (labels, logits) =>
  mean(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), tf.log1p(tf.exp(tf.neg(tf.abs(logits))))));
