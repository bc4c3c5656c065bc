/** The weights of a model in one order: the trainable ones in that of `Graph.parameters` and of the flat vector. */
import { layers, type tf } from "./tf.ts";
import { variableOf, weightNames } from "./weight-names.ts";

/** A weight as the rest of this folder sees it: the name in the model and the variable that holds its numbers. */
export interface Weight {
  readonly name: string;
  readonly variable: tf.Variable;
}

/** A model, or the variables of a model that is a plain function. */
export type WeightSource = layers.LayersModel | readonly tf.Variable[];

/**
 * Lists the trainable weights in the model's own order.
 *
 * A layer's weight is named as in a saved model ("conv2d/kernel"), which stays the same when another model of this
 * process has a layer of that name (`weight-names.ts`); a bare variable has its TF.js name.
 */
export function trainableWeights(source: WeightSource): Weight[] {
  if (source instanceof layers.LayersModel) return named(source, source.trainableWeights);
  return bare(source.filter(({ trainable }) => trainable));
}

/** Lists the weights that are not trained, named alike: moving statistics, and the weights of frozen layers. */
export function otherWeights(source: WeightSource): Weight[] {
  if (source instanceof layers.LayersModel) return named(source, source.nonTrainableWeights);
  return bare(source.filter(({ trainable }) => !trainable));
}

function named(model: layers.LayersModel, weights: layers.LayersModel["weights"]): Weight[] {
  const names = weightNames(model);
  return once(
    weights.map((weight) => {
      const variable = variableOf(weight);
      return { name: names.get(variable) ?? weight.originalName, variable };
    }),
  );
}

const bare = (variables: readonly tf.Variable[]): Weight[] =>
  once(variables.map((variable) => ({ name: variable.name, variable })));

/** A layer that a model has twice, as itself and within another model, has its weights twice in the list. */
function once(weights: readonly Weight[]): Weight[] {
  const seen = new Set<tf.Variable>();
  return weights.filter(({ variable }) => !seen.has(variable) && seen.add(variable));
}
