/**
 * Refuses labels `[B]` beside predictions `[B, 1]` in a loss of the user's: TensorFlow.js makes `[B, B]` of them, every
 * label against every prediction, and the mean of that trains towards the mean label without a word.
 */
import { cannot, YfError } from "../errors.ts";
import type { ValueId } from "../graph/graph.ts";
import { tf } from "./tf.ts";

/** Follows the labels of a recording through casts and other shapes. */
export class LabelWatch {
  readonly #idOf: (tensor: tf.Tensor) => ValueId;
  readonly #labels = new Set<ValueId>();

  constructor(idOf: (tensor: tf.Tensor) => ValueId) {
    this.#idOf = idOf;
  }

  /** Declares the columns of labels. */
  begin(labels: readonly tf.Tensor[]): void {
    for (const column of labels) this.#labels.add(this.#idOf(column));
  }

  /** To be called after each call of a kernel. @throws {YfError} `BAD_LOSS`. */
  note(kernel: string, { a, b, x }: Readonly<Record<string, unknown>>, output: unknown): void {
    if (this.#labels.size === 0 || !(output instanceof tf.Tensor)) return;
    if ((kernel === "Cast" || kernel === "Reshape") && this.#isLabel(x)) this.#labels.add(this.#idOf(output));
    if (!(a instanceof tf.Tensor && b instanceof tf.Tensor) || this.#isLabel(a) === this.#isLabel(b)) return;
    const [column, flat] = a.rank === 2 ? [a, b] : [b, a];
    const [size] = flat.shape;
    if (flat.rank !== 1 || `${column.shape}` !== `${[size, 1]}` || size === 1) return;
    const [labels, predictions] = this.#isLabel(a) ? [a, b] : [b, a];
    const rule =
      "labels and predictions must have one shape, or each would meet each of the others (reshape one of them)";
    const received = `labels [${labels.shape}] and predictions [${predictions.shape}] in ${kernel}`;
    throw new YfError("BAD_LOSS", cannot("compute the loss", rule, received), {
      labels: labels.shape,
      predictions: predictions.shape,
      kernel,
    });
  }

  #isLabel(tensor: unknown): boolean {
    return tensor instanceof tf.Tensor && this.#labels.has(this.#idOf(tensor));
  }
}
