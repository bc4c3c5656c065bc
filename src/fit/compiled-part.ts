/** What `model.compile` keeps, protected in the types of TensorFlow.js. */
import type { layers, tf } from "../tfjs/tf.ts";
import { variableOf } from "../tfjs/weight-names.ts";

interface CompiledPart {
  /** Of each output, labels and predictions to the loss of each example. */
  readonly lossFunctions: readonly ((labels: tf.Tensor, predictions: tf.Tensor) => tf.Tensor)[];
  /** The weights that were trainable. */
  readonly collectedTrainableWeights: layers.LayersModel["weights"];
}

/** A sequential model is compiled as the model inside of it. */
export function compiledPart(model: layers.LayersModel): CompiledPart {
  const { model: inner } = model as unknown as { readonly model?: CompiledPart };
  return inner ?? (model as unknown as CompiledPart);
}

/** What `model.fit` trains: what was trainable when the model was compiled, and still is. */
export function compiledVariables(model: layers.LayersModel): tf.Variable[] {
  return compiledPart(model)
    .collectedTrainableWeights.map(variableOf)
    .filter(({ trainable }) => trainable);
}
