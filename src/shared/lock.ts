/**
 * A {@link TryLock} that threads can wait for. No order among those who wait.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { TryLock } from "./try-lock.ts";

/** A waiting thread looks up so often, in case the run was stopped or the holder died. */
const lookEveryMs = 50;

export class Lock {
  static readonly regions = TryLock.regions;

  readonly #lock: TryLock;
  /** The lock's own. */
  readonly #cell: Int32Array;
  readonly #atomics: AtomicOperations;

  constructor(cell: Int32Array, atomics: AtomicOperations = nativeAtomics) {
    this.#lock = new TryLock(cell, atomics);
    this.#cell = cell;
    this.#atomics = atomics;
  }

  /**
   * Takes the lock, sleeping while another one has it.
   *
   * @param giveUp Asked now and then while waiting. @returns False when `giveUp` said so.
   */
  acquire(rank: number, giveUp: () => boolean): boolean {
    while (!this.#lock.tryAcquire(rank)) {
      if (giveUp()) return false;
      const seen = this.#atomics.load(this.#cell, 0);
      if (seen !== 0) this.#atomics.wait(this.#cell, 0, seen, lookEveryMs);
    }
    return true;
  }

  /** Frees the lock if `rank` holds it, and says whether it did. */
  release(rank: number): boolean {
    const held = this.#lock.release(rank);
    if (held) this.#atomics.notify(this.#cell, 0);
    return held;
  }
}
