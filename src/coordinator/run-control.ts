/** What a program can ask of a running training besides its end, which is an AbortSignal's. */

/**
 * Pauses a training and lets it go on. Give it to `train()`, and keep it.
 *
 * @example
 * ```ts
 * import { RunControl } from "yf-async";
 * const control = new RunControl();
 * control.pause();
 * control.paused; // → true
 * ```
 */
export class RunControl {
  #paused = false;

  /** Lets every worker finish the update that it is in, within a tenth of a second or so, and then wait. */
  pause(): void {
    this.#paused = true;
  }

  /** Lets the workers go on. */
  resume(): void {
    this.#paused = false;
  }

  /** What was asked for last. */
  get paused(): boolean {
    return this.#paused;
  }
}
