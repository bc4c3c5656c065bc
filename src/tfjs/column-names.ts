/** What the inputs and outputs of a model are called, which columns of data may name. */
import type { ModelFunction } from "./model-function.ts";
import { layers } from "./tf.ts";

/** Names of the input layers. */
export function inputNames({ inputs }: layers.LayersModel): string[] {
  return namesOf(inputs);
}

/**
 * Names of the layers that the outputs come from; of a model that is a function, those of the columns of labels.
 * Undefined where there is no name.
 */
export function outputNames(
  model: layers.LayersModel | ModelFunction,
  labels: readonly { readonly name?: string }[] = [],
): (string | undefined)[] {
  return model instanceof layers.LayersModel ? namesOf(model.outputs) : labels.map(({ name }) => name);
}

/** Not `model.inputNames`: a sequential model has none before it is first used, and no tensors without a layer. */
function namesOf(tensors: readonly layers.SymbolicTensor[] | undefined): string[] {
  return (tensors ?? []).map(({ sourceLayer }) => sourceLayer.name);
}
