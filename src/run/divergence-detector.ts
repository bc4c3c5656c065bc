/** Tells when a run has diverged though its numbers are still finite: by its mean loss over the last seconds. */
import { cannot, YfError } from "../errors.ts";

/** A loss so many times that of the beginning is none that training comes back from. */
const timesTheFirst = 100;
/** Updates behind a mean loss that says something. */
const fewestUpdates = 50;

export class DivergenceDetector {
  #bound: number | null = null;

  /**
   * @param loss Mean over the last seconds, NaN for none. @param updates Behind the run.
   * @returns What the run ends with if it may not go back; null as long as the loss is within the bound.
   */
  look(loss: number, updates: number): YfError | null {
    if (updates < fewestUpdates || !Number.isFinite(loss)) return null;
    // A loss that need not be positive has no such bound.
    this.#bound ??= loss > 0 ? timesTheFirst * loss : Number.POSITIVE_INFINITY;
    if (loss <= this.#bound) return null;
    const rule = `the mean loss must stay below ${this.#bound}, ${timesTheFirst} times that of the beginning`;
    return new YfError("DIVERGED", cannot("continue training", rule, loss), { loss, updates });
  }
}
