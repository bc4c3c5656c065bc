/**
 * Reads a model that TensorFlow.js saved (`model.json` with its weight shards), as data: nothing in it is run.
 *
 * Owns what must hold between the files; whatever is wrong is one sentence that names it.
 */
import { readFileSync } from "node:fs";
import { cannot, YfError } from "../../errors.ts";
import { layers, tf } from "../tf.ts";
import { isKeras3, toKeras2, weightName } from "./keras-3.ts";
import { type Refuse, readWeightShards } from "./weight-shards.ts";

/**
 * Loads a saved `LayersModel` with its weights.
 *
 * @param file Path of the `model.json`; its weight shards lie beside it.
 * @throws {YfError} `BAD_MODEL` if a file is missing, short or damaged, a layer is of no class that TensorFlow.js
 *   knows, or weights and layers do not fit.
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { loadModel, saveModel } from "yf-async";
 *
 * const folder = mkdtempSync(join(tmpdir(), "line-"));
 * await saveModel(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }), folder);
 * (await loadModel(join(folder, "model.json"))).countParams(); // → 3
 * ```
 */
export async function loadModel(file: string): Promise<layers.LayersModel> {
  const refuse: Refuse = (rule, received, cause) =>
    new YfError("BAD_MODEL", cannot(`load the model ${file}`, rule, received), { file }, cause);
  const { format, modelTopology, userDefinedMetadata, weightsManifest } = parse(file, refuse);
  if (format !== undefined && format !== "layers-model") {
    throw refuse("must be saved from a LayersModel, with the format layers-model", format);
  }
  if (typeof modelTopology !== "object" || modelTopology === null) {
    throw refuse("must have a modelTopology", typeof modelTopology);
  }
  const { data, specs } = readWeightShards(weightsManifest ?? [], file, refuse);
  const isNew = isKeras3(modelTopology);
  const topology = isNew ? (toKeras2(modelTopology, refuse) as object) : modelTopology;
  const known = tf.serialization.SerializationMap.getMap().classNameMap;
  const names = new Set<string>();
  for (const { className, name } of layerClasses(topology)) {
    names.add(name);
    if (Object.hasOwn(known, className)) continue;
    throw refuse(
      "every layer must be of a class that TensorFlow.js knows (a module can register others)",
      `${className} of layer ${name}`,
    );
  }
  const artifacts: tf.io.ModelArtifacts = {
    modelTopology: topology,
    weightSpecs: isNew ? specs.map((spec) => ({ ...spec, name: weightName(spec.name, names) })) : specs,
    weightData: data,
    ...(isPlain(userDefinedMetadata) ? { userDefinedMetadata } : {}),
  };
  try {
    return await layers.loadLayersModel({ load: async () => artifacts });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw refuse("TensorFlow.js must accept it", message.split("\n")[0], error);
  }
}

function parse(file: string, refuse: Refuse): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw refuse("must be a readable file of JSON", reason, error);
  }
  throw refuse("must be an object of JSON");
}

/** Metadata of another kind are nothing that a model could be kept from for. */
function isPlain(value: unknown): value is Record<string, object> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a topology, as TensorFlow.js and Keras write it, has layers inside. */
const parts = ["model_config", "config", "layers", "layer"] as const;

/** The classes of all layers, those inside of models and wrappers included. */
function* layerClasses(topology: unknown): Generator<{ className: string; name: string }> {
  if (Array.isArray(topology)) {
    for (const part of topology) yield* layerClasses(part);
    return;
  }
  if (typeof topology !== "object" || topology === null) return;
  const spec = topology as Record<string, unknown>;
  if (typeof spec.class_name === "string") {
    const { name } = (spec.config ?? {}) as { name?: unknown };
    yield { className: spec.class_name, name: String(spec.name ?? name ?? "without a name") };
  }
  for (const part of parts) yield* layerClasses(spec[part]);
}
