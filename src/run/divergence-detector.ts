/**
 * Tells when a run has diverged though its numbers are still finite: by its mean loss over the last seconds, measured by that
 * of its first minibatches. Later ones say less: where the first step was too long, their losses have blown up already.
 */
import { cannot, YfError } from "../errors.ts";

/** A loss so many times that of the beginning is none that training comes back from. */
const timesTheFirst = 100;
/** Updates behind a mean loss that says something. */
const fewestUpdates = 50;

export class DivergenceDetector {
  #bound: number | null = null;

  /**
   * @param loss Mean over the last seconds, NaN for none. @param updates Behind the run. @param firstLoss Of its first
   *   minibatches; null where they are too small to say anything.
   * @returns What the run ends with if it may not go back; null as long as the loss is within the bound.
   */
  look(loss: number, updates: number, firstLoss: number | null = null): YfError | null {
    if (updates < fewestUpdates || !Number.isFinite(loss)) return null;
    // A loss that need not be positive has no such bound.
    const first = firstLoss ?? loss;
    this.#bound ??= first > 0 ? timesTheFirst * first : Number.POSITIVE_INFINITY;
    if (loss <= this.#bound) return null;
    const rule = `the mean loss must stay below ${this.#bound}, ${timesTheFirst} times that of the beginning`;
    return new YfError("DIVERGED", cannot("continue training", rule, loss), { loss, updates });
  }
}
