/** Lets timers, signals and other programs of the same thread in, while one goes through much work piece by piece. */
import { setImmediate } from "node:timers/promises";

/** Longest time without a turn of the others, but for one piece. */
const longestMs = 10;

export class EventLoopTurns {
  #next = performance.now() + longestMs;

  /** To be awaited between two pieces; returns at once where it is too early. */
  async pass(): Promise<void> {
    if (performance.now() < this.#next) return;
    await setImmediate();
    this.#next = performance.now() + longestMs;
  }
}
