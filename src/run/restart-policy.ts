/** Counts the faults of a run's threads, and says when they are too many to continue. */

/** Milliseconds in which `maxFaults` faults may happen. */
const windowMs = 60_000;
/** A thread that fails so often without an update in between would fail for ever. */
const mostInARow = 3;
/** Before a thread is replaced for the first time, milliseconds; twice as long each time without an update in between. */
const firstPauseMs = 100;

/** What follows from a fault: a pause before the thread's successor starts, or why there is none. */
export type Verdict =
  | { readonly pauseMs: number }
  | { /** A rule that the fault breaks, to follow "Cannot continue training: ". */ readonly rule: string };

export class RestartPolicy {
  /** Faults of each thread so far. */
  readonly counts: readonly number[];
  readonly #mostInWindow: number;
  readonly #counts: number[];
  readonly #inARow: number[];
  readonly #updates: number[];
  #recent: number[] = [];

  /** @param maxFaults Of all threads within {@link windowMs} that a run survives, ≥ 0. */
  constructor(threads: number, maxFaults: number) {
    this.#mostInWindow = maxFaults;
    this.#counts = new Array<number>(threads).fill(0);
    this.counts = this.#counts;
    this.#inARow = new Array<number>(threads).fill(0);
    this.#updates = new Array<number>(threads).fill(-1);
  }

  /**
   * Counts a fault.
   *
   * @param nowMs On any clock that only goes forward. @param updates Made by this thread so far.
   */
  add(rank: number, nowMs: number, updates: number): Verdict {
    this.#counts[rank]++;
    this.#inARow[rank] = updates === this.#updates[rank] ? this.#inARow[rank] + 1 : 1;
    this.#updates[rank] = updates;
    this.#recent = [...this.#recent.filter((at) => at > nowMs - windowMs), nowMs];
    if (this.#recent.length > this.#mostInWindow) {
      const limit =
        this.#mostInWindow === 0 ? "no worker may fail" : `workers may fail ${this.#mostInWindow} times`;
      return { rule: `${limit} within ${windowMs / 1000} s` };
    }
    if (this.#inARow[rank] >= mostInARow) {
      return { rule: `no worker may fail ${mostInARow} times without an update in between` };
    }
    return { pauseMs: firstPauseMs * 2 ** (this.#inARow[rank] - 1) };
  }
}
