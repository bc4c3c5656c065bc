/**
 * The form in which Keras 3 and TensorFlow.js's converter write a model, as TensorFlow.js reads it: that of Keras 2.
 *
 * Owns what differs: shapes of inputs, types as policies, what a layer is called with, and prefixes of weights' names.
 * Source: Keras 3, `keras.saving.serialize_keras_object` and `Functional.get_config`; TensorFlow.js, `Container.fromConfig`.
 */
import type { Refuse } from "./weight-shards.ts";

type Json = Readonly<Record<string, unknown>>;

/** A tensor that a layer is called with. */
const tensorClass = "__keras_tensor__";

/** Whether a topology says that Keras 3 or a later one wrote it. */
export function isKeras3({ keras_version: version }: { readonly keras_version?: unknown }): boolean {
  return typeof version === "string" && Number.parseInt(version, 10) >= 3;
}

/** @throws What `refuse` makes, where a layer is called with tensors by name, which Keras 2 cannot write. */
export function toKeras2(topology: unknown, refuse: Refuse): unknown {
  if (Array.isArray(topology)) return topology.map((part) => toKeras2(part, refuse));
  if (!isObject(topology)) return topology;
  if (topology.class_name === "DTypePolicy" && isObject(topology.config)) return topology.config.name;
  const entries = Object.entries(topology).map(([key, value]): [string, unknown] => {
    if (key === "batch_shape") return ["batch_input_shape", value];
    if (key === "inbound_nodes" && Array.isArray(value)) {
      return [key, value.map((node) => (isObject(node) ? calledWith(node, refuse) : node))];
    }
    // One alone is not in a list.
    if ((key === "input_layers" || key === "output_layers") && Array.isArray(value)) {
      return [key, typeof value[0] === "string" ? [value] : value];
    }
    return [key, toKeras2(value, refuse)];
  });
  return Object.fromEntries(entries);
}

/** The tensors of a call, each as the name of its layer and two indices. */
function calledWith({ args, kwargs }: Json, refuse: Refuse): unknown[] {
  const byName = Object.entries((kwargs ?? {}) as Json).find(([, value]) => tensorsIn(value).length > 0);
  if (byName !== undefined) throw refuse("a layer must be called with tensors by their place", byName[0]);
  return tensorsIn(args).map((history) => [...history, {}]);
}

function tensorsIn(value: unknown): unknown[][] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (!isObject(value) || value.class_name !== tensorClass || !isObject(value.config)) return [];
  return [value.config.keras_history as unknown[]];
}

/** A weight's name without the models that its layer is in: `dense/kernel` for `sequential/dense/kernel`. */
export function weightName(name: string, layers: ReadonlySet<string>): string {
  const parts = name.split("/");
  const layer = parts.findLast((part) => layers.has(part));
  return layer === undefined ? name : `${layer}/${parts[parts.length - 1]}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
