/** Writes a model as TensorFlow.js does: `model.json` and its weights in binary shards beside it. */
import { join } from "node:path";
import { cannot, YfError } from "../../errors.ts";
import type { DataDescription } from "../../formats/data-description.ts";
import { modelMetadata } from "../../formats/model-metadata.ts";
import { makeFolder } from "../../report/make-folder.ts";
import { writeFileAtomically } from "../../report/write-file-atomically.ts";
import { type layers, tf } from "../tf.ts";
import { ambiguousNames } from "../weight-names.ts";

/** TensorFlow.js's own size of a shard: what browsers cache. */
const shardBytes = 2 ** 22;

/** Name of the file that {@link loadModel} reads. */
export const modelFile = "model.json";

/**
 * Saves a model for `tf.loadLayersModel`: topology and all weights, those that are not trained included.
 *
 * @param description Of the data that the model was trained on, as `summary.dataDescription` of a run: with the names of classes
 *   and features it goes into `userDefinedMetadata`, beside what the model has there.
 * @param folder Made if it is not there; files of these names are overwritten.
 * @returns Names of the files, `model.json` last: it is written when the shards are there.
 * @throws {YfError} `BAD_MODEL` if a layer cannot say its configuration, or weights of two nested models have one name, which
 *   TensorFlow.js cannot load; `NOT_WRITABLE`.
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { saveModel } from "yf-async";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await saveModel(model, mkdtempSync(join(tmpdir(), "line-"))); // → ["group1-shard1of1.bin", "model.json"]
 * ```
 */
export async function saveModel(
  model: layers.LayersModel,
  folder: string,
  description?: DataDescription,
): Promise<string[]> {
  const names = ambiguousNames(model);
  if (names.length > 0) {
    const rule =
      "layers of nested models must have names of their own, or TensorFlow.js cannot load the file";
    const received = `two each of ${names.join(", ")}`;
    throw new YfError("BAD_MODEL", cannot(`save the model ${model.name}`, rule, received), { names });
  }
  const artifacts = await artifactsOf(model);
  const { userDefinedMetadata, weightSpecs = [], weightData = new ArrayBuffer(0) } = artifacts;
  const metadata = {
    ...userDefinedMetadata,
    ...(description === undefined ? {} : modelMetadata(description)),
  };
  const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const count = Math.max(1, Math.ceil(bytes.length / shardBytes));
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    data: bytes.subarray(i * shardBytes, (i + 1) * shardBytes),
  }));
  const paths = shards.map(({ name }) => name);
  const json: tf.io.ModelJSON = {
    format: "layers-model",
    generatedBy: artifacts.generatedBy ?? "yf-async",
    convertedBy: null,
    modelTopology: artifacts.modelTopology as object,
    weightsManifest: [{ paths, weights: weightSpecs }],
    ...(Object.keys(metadata).length === 0 ? {} : { userDefinedMetadata: metadata }),
  };
  makeFolder(folder);
  for (const { data, name } of shards) writeFileAtomically(join(folder, name), data);
  writeFileAtomically(join(folder, modelFile), JSON.stringify(json));
  return [...paths, modelFile];
}

async function artifactsOf(model: layers.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | null = null;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  });
  try {
    await model.save(handler);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new YfError(
      "BAD_MODEL",
      cannot(`save the model ${model.name}`, "every layer must have a configuration", reason),
      { model: model.name },
      error,
    );
  }
  return saved as unknown as tf.io.ModelArtifacts;
}
