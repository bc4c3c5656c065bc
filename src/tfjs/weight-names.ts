/**
 * One name for each weight of a model.
 *
 * A name is that of a saved model, layer and weight ("dense/kernel"). Layers of two nested models may have one name: their
 * weights begin with the names of the models that they are in ("tower/dense/kernel").
 */
import { layers, type tf } from "./tf.ts";

/** What a weight is called in a saved model, and the nested models that it is in. */
interface Place {
  readonly name: string;
  /** "" outside of nested models, "outer/inner/" within two. */
  readonly path: string;
}

/** The names of all weights, trained or not: what is frozen changes none. */
export function weightNames(model: layers.LayersModel): ReadonlyMap<tf.Variable, string> {
  const places = placesOf(model);
  const repeated = new Set(repeatedNames(places));
  return new Map(
    [...places].map(([variable, { name, path }]) => [variable, repeated.has(name) ? path + name : name]),
  );
}

/** Names of a saved model that several weights have: TensorFlow.js cannot load them. Empty for most models. */
export function ambiguousNames(model: layers.LayersModel): string[] {
  return repeatedNames(placesOf(model));
}

/** The variable of a weight; the declared type of read() is only the common `Tensor`. */
export const variableOf = (weight: layers.LayersModel["weights"][number]) => weight.read() as tf.Variable;

function placesOf(model: layers.LayersModel, path = ""): Map<tf.Variable, Place> {
  const places = new Map<tf.Variable, Place>();
  // The first place counts: a layer may be in a model twice, as itself and within another model.
  const put = (variable: tf.Variable, place: Place) =>
    places.has(variable) ? places : places.set(variable, place);
  for (const layer of model.layers) {
    if (layer instanceof layers.LayersModel) {
      for (const [variable, place] of placesOf(layer, `${path}${layer.name}/`)) put(variable, place);
    } else {
      for (const weight of layer.weights) put(variableOf(weight), { name: weight.originalName, path });
    }
  }
  return places;
}

function repeatedNames(places: ReadonlyMap<tf.Variable, Place>): string[] {
  const names = [...places.values()].map(({ name }) => name);
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
