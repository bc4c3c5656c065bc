/** Fully connected networks: `mlp`, and `logistic`, the one without hidden layers. */
import { layers } from "../tf.ts";
import { pytorchInitializers } from "./pytorch-initializers.ts";

/**
 * Builds a network of dense layers with relu between them. Initial weights have PyTorch's default scale.
 *
 * @param seed Seed of the initial weights, an integer ≥ 0.
 * @param inputShape Shape of one example; more than one dimension is flattened.
 * @param hidden Units of each hidden layer, first to last; [] makes logistic regression.
 * @param classes Number of logits, ≥ 1.
 */
export function mlp(
  seed: number,
  inputShape: readonly number[],
  hidden: readonly number[],
  classes: number,
): layers.LayersModel {
  const initializers = pytorchInitializers(seed);
  const { dense, flatten, inputLayer } = layers.layers;
  const model = layers.sequential({ name: hidden.length > 0 ? "mlp" : "logistic" });
  model.add(inputLayer({ inputShape: [...inputShape] }));
  if (inputShape.length > 1) model.add(flatten({ name: "flatten" }));
  let fanIn = inputShape.reduce((product, size) => product * size, 1);
  for (const [i, units] of hidden.entries()) {
    model.add(dense({ name: `dense${i + 1}`, units, activation: "relu", ...initializers(fanIn) }));
    fanIn = units;
  }
  model.add(dense({ name: `dense${hidden.length + 1}`, units: classes, ...initializers(fanIn) }));
  return model;
}

/** Builds logistic regression: one dense layer from the (flattened) example to `classes` logits. */
export function logistic(seed: number, inputShape: readonly number[], classes: number): layers.LayersModel {
  return mlp(seed, inputShape, [], classes);
}
