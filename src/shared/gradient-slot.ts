/**
 * What is known of one worker's gradient: which minibatch at which parameters, its loss, and what the one before revealed.
 *
 * One thread at a time works on a slot: the worker itself, or in deterministic modes whoever took its task from the
 * {@link TaskBoard}, which orders their accesses. Nine float64 numbers; none but
 * {@link due} is ever read by two threads at once.
 */
import { kept, region } from "./layout.ts";

export class GradientSlot {
  static readonly regions = region("float64", 9, kept);

  readonly #fields: Float64Array;

  constructor(fields: Float64Array) {
    this.#fields = fields;
  }

  /** Number of the minibatch, counted over all workers. */
  get minibatch(): number {
    return this.#fields[0];
  }
  set minibatch(value: number) {
    this.#fields[0] = value;
  }

  /**
   * A minibatch that was handed out to this worker and has not come to its update yet; null for none. Whoever takes the
   * worker's place, after its death or in a resumed run, begins with it, so that no minibatch is lost or used twice.
   */
  get claimed(): number | null {
    const minibatch = this.#fields[8] - 1;
    return minibatch < 0 ? null : minibatch;
  }
  set claimed(minibatch: number | null) {
    this.#fields[8] = minibatch === null ? 0 : minibatch + 1;
  }

  /**
   * Of the slots with a wanted gradient the one with the lowest is used first. Deterministic modes only; a thread may see
   * one from before, and computes something else first then (R13).
   */
  get due(): number {
    return this.#fields[7];
  }
  set due(value: number) {
    this.#fields[7] = value;
  }

  /** Updates applied before the parameters were read. */
  get readAt(): number {
    return this.#fields[1];
  }
  set readAt(value: number) {
    this.#fields[1] = value;
  }

  /** Mean loss of the minibatch. */
  get loss(): number {
    return this.#fields[2];
  }
  set loss(value: number) {
    this.#fields[2] = value;
  }

  /** Examples behind the gradient, those of all workers in mode `sync`. */
  get size(): number {
    return this.#fields[3];
  }
  set size(value: number) {
    this.#fields[3] = value;
  }

  /** Gradients in a row, up to this one, that were not finite. */
  get skippedInARow(): number {
    return this.#fields[6];
  }
  set skippedInARow(value: number) {
    this.#fields[6] = value;
  }

  /** τ of the worker's previous update; 0 before its first. */
  get lastStaleness(): number {
    return this.#fields[4];
  }
  set lastStaleness(value: number) {
    this.#fields[4] = value;
  }

  /** μ̂ that the worker's previous update revealed; NaN for none, which is how a run must begin. */
  get lastTotalMomentum(): number {
    return this.#fields[5];
  }
  set lastTotalMomentum(value: number) {
    this.#fields[5] = value;
  }
}
