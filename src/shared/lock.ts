/**
 * A lock that threads wait for.
 *
 * One int32: 0 when free, otherwise the holder's rank + 1, as in {@link TryLock}, plus sleeping. What a holder wrote is
 * visible to the next one. No order among those who wait.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { region } from "./layout.ts";

/** A waiting thread looks up so often, in case the run was stopped or its holder died. */
const lookEveryMs = 50;

export class Lock {
  static readonly regions = region("int32", 1);

  readonly #cell: Int32Array;
  readonly #atomics: AtomicOperations;

  constructor(cell: Int32Array, atomics: AtomicOperations = nativeAtomics) {
    this.#cell = cell;
    this.#atomics = atomics;
  }

  /**
   * Takes the lock, sleeping while another one has it.
   *
   * @param giveUp Asked now and then while waiting. @returns False when `giveUp` said so.
   */
  acquire(rank: number, giveUp: () => boolean): boolean {
    for (;;) {
      const holder = this.#atomics.compareExchange(this.#cell, 0, 0, rank + 1);
      if (holder === 0) return true;
      if (giveUp()) return false;
      this.#atomics.wait(this.#cell, 0, holder, lookEveryMs);
    }
  }

  /** Frees the lock if `rank` holds it, and says whether it did. */
  release(rank: number): boolean {
    const held = this.#atomics.compareExchange(this.#cell, 0, rank + 1, 0) === rank + 1;
    if (held) this.#atomics.notify(this.#cell, 0);
    return held;
  }
}
