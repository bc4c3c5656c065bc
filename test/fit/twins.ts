/** Two models of the same weights, one for us and one for TensorFlow.js, and examples for them. */
import { createRandom } from "../../src/math/random.ts";
import { type layers, tf } from "../../src/tfjs/tf.ts";

/** Builds a model twice, with the same initial weights in every run. */
export function twins(build: () => layers.LayersModel): [layers.LayersModel, layers.LayersModel] {
  return [withRandom(1, build), withRandom(1, build)];
}

/** Calls a function with a seed for all that TensorFlow.js draws in it, such as initial weights. */
export function withRandom<T>(seed: number, call: () => T): T {
  const { random } = Math;
  Math.random = createRandom(seed);
  try {
    return call();
  } finally {
    Math.random = random;
  }
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

/** How far the weights of two models lie apart, see {@link changeError}. */
export function weightError(
  ours: layers.LayersModel,
  theirs: layers.LayersModel,
  before: readonly ArrayLike<number>[],
): number {
  const values = (model: layers.LayersModel) => model.getWeights().map((weight) => weight.dataSync());
  return changeError(values(ours), values(theirs), before);
}

/**
 * The distance of two sets of weights, relative to the way that training went: ‖ours − theirs‖ / ‖theirs − before‖ over all
 * weights. A single one that was not trained would show as 1/√n.
 */
export function changeError(
  ours: readonly ArrayLike<number>[],
  theirs: readonly ArrayLike<number>[],
  before: readonly ArrayLike<number>[],
): number {
  const distance = (some: readonly ArrayLike<number>[], others: readonly ArrayLike<number>[]) =>
    Math.hypot(...some.map((one, i) => Math.hypot(...Array.from(one, (value, j) => value - others[i][j]))));
  return distance(ours, theirs) / distance(theirs, before);
}
