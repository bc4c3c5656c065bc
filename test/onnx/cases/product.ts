/** Products of matrices and batches of matrices, and what is fused with them. */
import { tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float } from "../conformance-case.ts";

/** A product of the features `[2, 3, 4]` (a minibatch of two) with weights of some shape. */
function product(
  name: string,
  shapes: number[][],
  f: (x: tf.Tensor, weights: tf.Tensor[]) => tf.Tensor,
  batch = 2,
) {
  return {
    name,
    make: () => {
      const variables = shapes.map((shape) => tf.variable(tf.ones(shape)));
      const labels = tf.tidy(() => f(tf.ones([batch, 3, 4]), variables).shape.slice(1));
      return {
        model: (x: tf.Tensor) => f(x, variables),
        variables,
        loss: "meanSquaredError" as const,
        features: [float(3, 4)],
        labels: [float(...labels)],
        batchSize: batch,
      };
    },
  };
}

const cosines = Array.from({ length: 20 }, (_, i) => Math.cos(i));

const fusedActivations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;

const fused = fusedActivations.flatMap((activation) => {
  const rest = (slopes: tf.Tensor) => ({
    activation,
    leakyreluAlpha: 0.3,
    ...(activation === "prelu" && { preluActivationWeights: slopes }),
  });
  const rows = (x: tf.Tensor) => tf.slice(tf.reshape(x, [-1, 12]), [0, 0], [-1, 4]) as tf.Tensor2D;
  return [
    product(`a fused product with ${activation}`, [[4, 5], [5], [5]], (x, [b, bias, slopes]) =>
      tf.mul(tf.fused.matMul({ a: rows(x), b: b as tf.Tensor2D, bias, ...rest(slopes) }), slopes),
    ),
    product(`a bias after a fused product with ${activation}`, [[4, 5], [5], [5]], (x, [b, bias, slopes]) =>
      tf.mul(tf.add(tf.fused.matMul({ a: rows(x), b: b as tf.Tensor2D, ...rest(slopes) }), bias), slopes),
    ),
    product(`a fused convolution with ${activation}`, [[2, 2, 1, 3], [3], [3]], (x, [filter, bias, slopes]) =>
      tf.mul(
        tf.fused.conv2d({
          x: tf.expandDims(x, 3) as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: "same",
          bias: bias as tf.Tensor1D,
          ...rest(slopes),
        }),
        slopes,
      ),
    ),
  ];
});

export const productCases: readonly ConformanceCase[] = [
  // TF.js has no gradient of a matrix that is broadcast over batches.
  ...[false, true].map((transposed) =>
    product(`a product of batches with a ${transposed ? "transposed " : ""}matrix`, [[3, 4]], (x, [w]) => {
      const matrix = tf.reshape(tf.tensor1d(cosines), transposed ? [5, 4] : [4, 5]);
      return tf.matMul(tf.mul(x, w), matrix, false, transposed);
    }),
  ),
  product("a product of batches with batches", [[2, 4, 5]], (x, [b]) => tf.matMul(x, b)),
  product("a transposed product", [[2, 3, 5]], (x, [b]) => tf.matMul(x, b, true)),
  product(
    "a transposed product of more columns than the runtime computes at a time",
    [[1, 3, 130]],
    (x, [b]) => tf.matMul(x, b, true),
    1,
  ),
  product("a product that is transposed on both sides", [[2, 5, 3]], (x, [b]) => tf.matMul(x, b, true, true)),
  ...[[5], [1, 5], [3, 5], [1, 3, 5], [1]].map((shape) =>
    product(
      `a batch of one matrix with a bias of shape [${shape}]`,
      [[1, 4, 5], shape],
      (x, [b, bias]) =>
        tf.fused.matMul({ a: x as tf.Tensor3D, b: b as tf.Tensor3D, bias, activation: "relu" }),
      1,
    ),
  ),
  product(
    "a bias after a fused product that is a batch of one",
    [[1, 4, 5], [5]],
    (x, [b, bias]) =>
      tf.add(tf.fused.matMul({ a: x as tf.Tensor3D, b: b as tf.Tensor3D, activation: "relu" }), bias),
    1,
  ),
  ...fused,
];
