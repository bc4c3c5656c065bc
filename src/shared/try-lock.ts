/**
 * A lock that is tried, never waited for.
 *
 * One int32: 0 when free, otherwise the holder's rank + 1. Writers: whoever takes it (compare-exchange from 0)
 * and its holder (back to 0). What a holder wrote is visible to the next holder. It does not wrap or tear.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { region, transient } from "./layout.ts";

export class TryLock {
  static readonly regions = region("int32", 1, transient);

  readonly #cell: Int32Array;
  readonly #atomics: AtomicOperations;

  constructor(cell: Int32Array, atomics: AtomicOperations = nativeAtomics) {
    this.#cell = cell;
    this.#atomics = atomics;
  }

  /** Takes the lock for `rank` if it is free, and says whether it did. */
  tryAcquire(rank: number): boolean {
    return this.#atomics.compareExchange(this.#cell, 0, 0, rank + 1) === 0;
  }

  /**
   * Frees the lock if `rank` holds it, and says whether it did. The coordinator may call this for a worker that
   * died; what the lock guards is then half written, at worst.
   */
  release(rank: number): boolean {
    return this.#atomics.compareExchange(this.#cell, 0, rank + 1, 0) === rank + 1;
  }

  /** Rank of the holder, null when free. */
  get holder(): number | null {
    const owner = this.#atomics.load(this.#cell, 0);
    return owner === 0 ? null : owner - 1;
  }
}
