/** Two models of the same weights, one for us and one for TensorFlow.js, and examples for them. */
import { createRandom } from "../../src/math/random.ts";
import { type layers, tf } from "../../src/tfjs/tf.ts";

/** Builds a model twice, the second with the weights of the first. */
export function twins(build: () => layers.LayersModel): [layers.LayersModel, layers.LayersModel] {
  const [one, other] = [build(), build()];
  other.setWeights(one.getWeights());
  return [one, other];
}

/** Numbers in [−1, 1). */
export function xs(shape: number[], seed: number): tf.Tensor {
  const random = createRandom(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Array.from({ length: size }, () => 2 * random() - 1),
    shape,
  );
}

/** Largest difference of two models' weights, relative to the largest change that training made to the same weight. */
export function weightError(
  ours: layers.LayersModel,
  theirs: layers.LayersModel,
  before: readonly ArrayLike<number>[],
): number {
  const mine = ours.getWeights().map((weight) => weight.dataSync());
  const errors = theirs.getWeights().map((weight, i) => {
    const values = weight.dataSync();
    const largest = (numbers: ArrayLike<number>) =>
      Math.max(...Array.from(values, (value, j) => Math.abs(value - numbers[j])));
    return largest(mine[i]) / largest(before[i]);
  });
  return Math.max(...errors);
}
