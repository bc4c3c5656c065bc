/**
 * A count that any thread may raise; every value is handed out exactly once.
 *
 * Writers: every thread, by read-modify-write only. Readers: every thread. Always valid. 64 bits: no wrap, and
 * every value is an exact double until 2⁵³ (a thousand million a second for a hundred days).
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { kept, region } from "./layout.ts";

export class Counter {
  static readonly regions = region("int64", 1, kept);

  readonly #cell: BigInt64Array;
  readonly #atomics: AtomicOperations;

  constructor(cell: BigInt64Array, atomics: AtomicOperations = nativeAtomics) {
    this.#cell = cell;
    this.#atomics = atomics;
  }

  /** Adds one and returns the count before: 0 for the first call of all threads. */
  next(): number {
    return Number(this.#atomics.addLong(this.#cell, 0, 1n));
  }

  get value(): number {
    return Number(this.#atomics.loadLong(this.#cell, 0));
  }

  /** Begins at another number, as a resumed run does. Only while no other thread counts. */
  set value(value: number) {
    this.#atomics.storeLong(this.#cell, 0, BigInt(value));
  }
}
