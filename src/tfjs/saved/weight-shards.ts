/**
 * The binary files beside a TensorFlow.js `model.json`: the bytes of its weights, one after the other, cut into shards.
 *
 * Owns the check that the shards hold what the manifest promises, before anything is decoded. Files outside the
 * model's own folder are not read, whatever the manifest says.
 * Source: TensorFlow.js, `tfjs-core/src/io/types.ts`, `WeightsManifestConfig`.
 */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { tf } from "../tf.ts";

/** Makes the error from the rule that a file breaks, and what was found. */
export type Refuse = (rule: string, received?: unknown, cause?: unknown) => Error;

/** Bytes of one element; a text weight has no fixed size. */
const elementBytes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  complex64: 8,
};

export interface SavedWeights {
  readonly specs: tf.io.WeightsManifestEntry[];
  /** Of all weights in order. */
  readonly data: ArrayBuffer;
}

/**
 * Reads all shards of a manifest.
 *
 * @param manifest The entry `weightsManifest` of the file, unchecked. @param file The `model.json` beside the shards.
 */
export function readWeightShards(manifest: unknown, file: string, refuse: Refuse): SavedWeights {
  if (!Array.isArray(manifest)) throw refuse("its weightsManifest must be an array", typeof manifest);
  const groups = manifest.map((group) => readGroup(group, file, refuse));
  return {
    specs: groups.flatMap(({ specs }) => specs),
    data: tf.io.CompositeArrayBuffer.join(groups.map(({ data }) => data)),
  };
}

function readGroup(group: unknown, file: string, refuse: Refuse): SavedWeights {
  const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown };
  if (!Array.isArray(paths) || !Array.isArray(weights)) {
    throw refuse("each group of its weightsManifest must have paths and weights", typeof group);
  }
  const expected = weights.reduce((total: number, spec) => total + weightBytes(spec, refuse), 0);
  const shards = paths.map((path) => readShard(path, file, refuse));
  const received = shards.reduce((total, { byteLength }) => total + byteLength, 0);
  if (received !== expected) {
    throw refuse(`its weights in ${paths.join(", ")} take exactly ${expected} bytes`, received);
  }
  return { specs: weights, data: Uint8Array.from(Buffer.concat(shards)).buffer };
}

function readShard(path: unknown, file: string, refuse: Refuse): Buffer {
  if (typeof path !== "string" || isAbsolute(path) || normalize(path).split(sep)[0] === "..") {
    throw refuse("every weight file must be in the folder of the model", path);
  }
  try {
    return readFileSync(join(dirname(file), path));
  } catch (error) {
    throw refuse(
      `its weight file ${path} must be readable`,
      error instanceof Error ? error.message : error,
      error,
    );
  }
}

function weightBytes(spec: unknown, refuse: Refuse): number {
  const { dtype, name, quantization, shape } = (spec ?? {}) as Partial<tf.io.WeightsManifestEntry>;
  const stored = quantization?.dtype ?? dtype ?? "";
  if (
    typeof name !== "string" ||
    !Array.isArray(shape) ||
    !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  ) {
    throw refuse("every weight must have a name and a shape", JSON.stringify(spec));
  }
  if (!Object.hasOwn(elementBytes, stored)) {
    throw refuse(
      `the weight ${name} must be of one of the types ${Object.keys(elementBytes).join(", ")}`,
      stored,
    );
  }
  return shape.reduce((product, size) => product * size, elementBytes[stored]);
}
