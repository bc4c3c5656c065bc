/** Weights as one flat vector and back; a model's trainable ones are in the order of `Graph.parameters`. */
import { cannot, YfError } from "../errors.ts";
import { tf } from "./tf.ts";
import { trainableWeights, type Weight, type WeightSource } from "./trainable-weights.ts";

export interface FlatWeights {
  /** One name per weight, in order. */
  readonly names: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  /** All elements, weight after weight, each row-major. A copy. */
  readonly flat: Float32Array;
}

/** Copies the trainable weights of a model (or the trainable ones of some variables) out. */
export function readWeights(source: WeightSource): FlatWeights {
  return readFlat(trainableWeights(source));
}

/** Copies any weights out, in the order given. */
export function readFlat(weights: readonly Weight[]): FlatWeights {
  const flat = new Float32Array(weights.reduce((total, { variable }) => total + variable.size, 0));
  let offset = 0;
  for (const { variable } of weights) {
    flat.set(variable.dataSync(), offset);
    offset += variable.size;
  }
  return {
    names: weights.map(({ name }) => name),
    shapes: weights.map(({ variable }) => variable.shape),
    flat,
  };
}

/**
 * Copies a flat vector into the trainable weights.
 *
 * @param flat As {@link readWeights} gives it; may be a view of shared memory.
 * @throws {YfError} `BAD_WEIGHTS` if the length is not the model's number of trainable parameters.
 */
export function writeWeights(source: WeightSource, flat: Float32Array): void {
  writeFlat(trainableWeights(source), flat);
}

/** Copies a flat vector into any weights, in the order given. @throws {YfError} `BAD_WEIGHTS` as {@link writeWeights}. */
export function writeFlat(weights: readonly Weight[], flat: Float32Array): void {
  const size = weights.reduce((total, { variable }) => total + variable.size, 0);
  if (flat.length !== size) {
    throw new YfError(
      "BAD_WEIGHTS",
      cannot("set the weights", `the model has ${size} parameters`, flat.length),
      {
        expected: size,
        received: flat.length,
      },
    );
  }
  let offset = 0;
  for (const { variable } of weights) {
    const values = flat.slice(offset, offset + variable.size);
    tf.tidy(() => {
      variable.assign(tf.tensor(values, variable.shape, "float32"));
    });
    offset += variable.size;
  }
}
