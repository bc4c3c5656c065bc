/** Models that draw random numbers at every run. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceSubject, float, network } from "../conformance-case.ts";

const { alphaDropout, dense, dropout, gaussianDropout, gaussianNoise } = layers.layers;

/** Features times a weight plus or times what `noise` draws, summed: the gradient of the weight shows the draws. */
export function drawing(
  size: number,
  combine: (x: tf.Tensor) => tf.Tensor,
  loss: (labels: tf.Tensor, predictions: tf.Tensor) => tf.Scalar = (_, predictions) =>
    tf.sum(predictions) as tf.Scalar,
): ConformanceSubject {
  const weight = tf.variable(tf.ones([size]));
  return {
    model: (x) => combine(tf.mul(x, weight)),
    variables: [weight],
    loss,
    features: [float(size)],
    labels: [float(1)],
    batchSize: 1,
  };
}

/** Between two dense layers. */
export const around = (layer: layers.layers.Layer): ConformanceSubject =>
  network(float(4), 6, [dense({ units: 8, activation: "tanh" }), layer, dense({ units: 2 })]);

export const randomLayers = {
  dropout: (rate: number) => dropout({ rate }),
  gaussianDropout: (rate: number) => gaussianDropout({ rate }),
  gaussianNoise: (stddev: number) => gaussianNoise({ stddev }),
  alphaDropout: (rate: number) => alphaDropout({ rate }),
};

export const randomSubjects: Record<string, () => ConformanceSubject> = {
  uniform: () => drawing(100, (x) => tf.mul(x, tf.randomUniform([1, 100], -1, 3))),
  normal: () => drawing(100, (x) => tf.mul(x, tf.randomNormal([1, 100], 2, 0.5))),
  truncated: () => drawing(100, (x) => tf.mul(x, tf.truncatedNormal([1, 100], 2, 0.5))),
};
