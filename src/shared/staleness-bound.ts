/**
 * Keeps every gradient at most K updates stale, by letting workers wait before they read.
 *
 * Of each gradient in flight it is known at how many updates its parameters were read. A worker may read while, its own
 * gradient included, no gradient in flight could become staler than K even if all others were applied before it:
 * (updates − readAt) + (others in flight) ≤ K. Applying needs no permission, as it lowers the second term by what it adds
 * to the first; so no worker waits forever. Stricter than the bound of stale-synchronous clocks, which counts rounds.
 * Cf. Ho et al., "More Effective Distributed ML via a Stale Synchronous Parallel Parameter Server", NIPS 2013.
 *
 * Written and read by workers under the lock. What a dead worker left is forgotten by the coordinator, without the lock:
 * whoever reads the old number meanwhile waits once more (R14).
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import type { Counter } from "./counter.ts";
import { region, transient } from "./layout.ts";
import { Lock } from "./lock.ts";

interface StalenessBoundViews {
  readonly readAt: Float64Array;
  readonly changes: Int32Array;
  readonly lock: Int32Array;
}

/** A waiting worker looks up so often, in case the run was stopped. */
const lookEveryMs = 50;

export class StalenessBound {
  /** Updates before each worker's read, plus 1; 0 for a worker with no gradient in flight. */
  readonly #readAt: Float64Array;
  /** Counts gradients that ended; a wrap would need 2³² of them between two looks. */
  readonly #changes: Int32Array;
  readonly #lock: Lock;
  readonly #atomics: AtomicOperations;

  static regions(workers: number) {
    return {
      readAt: region("float64", workers, transient),
      changes: region("int32", 1, transient),
      lock: Lock.regions,
    };
  }

  constructor(views: StalenessBoundViews, atomics: AtomicOperations = nativeAtomics) {
    this.#readAt = views.readAt;
    this.#changes = views.changes;
    this.#lock = new Lock(views.lock, atomics);
    this.#atomics = atomics;
  }

  /**
   * Waits until this worker may read.
   *
   * @param bound K ≥ 0. @param updates The count of updates. @param giveUp Asked now and then.
   * @returns False when `giveUp` said so.
   */
  begin(rank: number, bound: number, updates: Counter, giveUp: () => boolean): boolean {
    for (;;) {
      const seen = this.#atomics.load(this.#changes, 0);
      if (!this.#lock.acquire(rank, giveUp)) return false;
      const now = updates.value;
      const mayRead = this.#mayRead(now, bound);
      if (mayRead) this.#readAt[rank] = now + 1;
      this.#lock.release(rank);
      if (mayRead) return true;
      if (giveUp()) return false;
      this.#atomics.wait(this.#changes, 0, seen, lookEveryMs);
    }
  }

  /** This worker's gradient was applied or dropped. */
  end(rank: number, giveUp: () => boolean): void {
    if (!this.#lock.acquire(rank, giveUp)) return;
    this.#readAt[rank] = 0;
    this.#lock.release(rank);
    this.#change();
  }

  /** Coordinator: a dead worker's gradient will not come, and if it died with the lock, others may have it. */
  forget(rank: number): void {
    this.#lock.release(rank);
    this.#readAt[rank] = 0;
    this.#change();
  }

  #change(): void {
    this.#atomics.add(this.#changes, 0, 1);
    this.#atomics.notify(this.#changes, 0);
  }

  #mayRead(updates: number, bound: number): boolean {
    const inFlight = this.#readAt.filter((readAt) => readAt > 0);
    return (
      inFlight.length <= bound &&
      inFlight.every((readAt) => updates - (readAt - 1) + inFlight.length <= bound)
    );
  }
}
