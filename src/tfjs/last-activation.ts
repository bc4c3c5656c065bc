/**
 * What a prediction was just before a last softmax or sigmoid.
 *
 * A cross entropy computed of the logits is exact where one of rounded probabilities is clipped and has no gradient; and one
 * that takes logits must not get probabilities. The kernel calls of a recording tell which is the case, wherever the
 * activation is: in a layer, in a model inside of the model, or in a function.
 */
import type { ValueId } from "../graph/graph.ts";
import { tf } from "./tf.ts";

/** A last softmax (over the last axis) or sigmoid. */
export interface LastActivation {
  readonly kind: "softmax" | "sigmoid";
  /** What it was applied to, in the shape of the prediction. */
  readonly logits: tf.Tensor;
  /** The layer that applied it, null for none. */
  readonly layer: string | null;
}

/** Says of a prediction what its last activation was, null for none of the two. */
export type FindActivation = (prediction: tf.Tensor) => LastActivation | null;

const kinds: Readonly<Record<string, LastActivation["kind"]>> = { Softmax: "softmax", Sigmoid: "sigmoid" };

/** Remembers the activations of a recording. */
export class ActivationLog {
  readonly #idOf: (tensor: tf.Tensor) => ValueId;
  readonly #activations = new Map<ValueId, LastActivation>();
  /** What a value is another shape of. */
  readonly #reshaped = new Map<ValueId, ValueId>();

  constructor(idOf: (tensor: tf.Tensor) => ValueId) {
    this.#idOf = idOf;
  }

  /** To be called after each call of a kernel, while its inputs are there. */
  note(
    kernel: string,
    inputs: Readonly<Record<string, unknown>>,
    output: unknown,
    layer: string | null,
  ): void {
    if (!(output instanceof tf.Tensor)) return;
    if (kernel === "Reshape") this.#reshaped.set(this.#idOf(output), this.#idOf(inputs.x as tf.Tensor));
    const kind = kinds[kernel];
    if (kind === undefined) return;
    // A clone, because a tidy around the layer disposes of the tensor itself.
    const logits = tf.keep(tf.clone((inputs.logits ?? inputs.x) as tf.Tensor));
    this.#activations.set(this.#idOf(output), { kind, logits, layer });
  }

  /** @returns Null, too, for a softmax whose classes are no longer the last axis. */
  readonly find: FindActivation = (prediction) => {
    let id: ValueId | undefined = this.#idOf(prediction);
    while (id !== undefined) {
      const found = this.#activations.get(id);
      if (found !== undefined) return this.#shaped(found, prediction);
      id = this.#reshaped.get(id);
    }
    return null;
  };

  #shaped(found: LastActivation, { shape }: tf.Tensor): LastActivation | null {
    const { kind, logits } = found;
    if (kind === "softmax" && logits.shape.at(-1) !== shape.at(-1)) return null;
    return { ...found, logits: tf.reshape(logits, shape) };
  }
}
