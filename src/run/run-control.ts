/** What a program can ask of a running training besides its end, which is an AbortSignal's. */

/**
 * Pauses a training, continues it, and has it write a checkpoint. Give it to `train()`, and keep it.
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
  #checkpointsAsked = 0;

  /** Lets every worker finish the update that it is in, within a tenth of a second or so, and then wait. */
  pause(): void {
    this.#paused = true;
  }

  /** Lets the workers continue. */
  resume(): void {
    this.#paused = false;
  }

  /** What was asked for last. */
  get paused(): boolean {
    return this.#paused;
  }

  /**
   * Has a checkpoint written within a tenth of a second or so, paused or not; an event says when it is there. A run that
   * writes none (no `checkpointDir`) leaves it at that.
   */
  checkpoint(): void {
    this.#checkpointsAsked++;
  }

  /** How often {@link checkpoint} was called. */
  get checkpointsAsked(): number {
    return this.#checkpointsAsked;
  }
}
