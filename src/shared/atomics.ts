/**
 * The one door to `Atomics`: every other file of the package takes {@link AtomicOperations}.
 *
 * All operations are sequentially consistent. Protocols here rely on two facts of the JavaScript memory model
 * (ECMA-262, "Memory Model"): what one thread wrote before an atomic store, another thread sees after the atomic
 * load that returned the stored value; and two read-modify-writes of one element are ordered against each other.
 * JavaScript has no fence, so a reader that must not let its plain reads slip past a check makes that check with
 * a read-modify-write, `add(view, index, 0)`.
 *
 * Tests pass a stepping implementation instead, which lets them choose the order in which threads proceed.
 */

/** Outcome of {@link AtomicOperations.wait}. */
export type WaitResult = "ok" | "not-equal" | "timed-out";

/** Operations on one element of a shared integer array; the modifying ones return the value before. */
export interface AtomicOperations {
  load(view: Int32Array, index: number): number;
  store(view: Int32Array, index: number, value: number): void;
  /** Wraps modulo 2³². */
  add(view: Int32Array, index: number, value: number): number;
  /** Stores `replacement` if the element equals `expected`. */
  compareExchange(view: Int32Array, index: number, expected: number, replacement: number): number;
  loadLong(view: BigInt64Array, index: number): bigint;
  storeLong(view: BigInt64Array, index: number, value: bigint): void;
  addLong(view: BigInt64Array, index: number, value: bigint): bigint;
  /** Sleeps until {@link notify}, while the element equals `value`. @param timeoutMs Infinity for no limit. */
  wait(view: Int32Array, index: number, value: number, timeoutMs: number): WaitResult;
  /** Wakes every thread that sleeps on the element. */
  notify(view: Int32Array, index: number): void;
}

/** The operations of the machine. */
export const nativeAtomics: AtomicOperations = {
  load: (view, index) => Atomics.load(view, index),
  store: (view, index, value) => {
    Atomics.store(view, index, value);
  },
  add: (view, index, value) => Atomics.add(view, index, value),
  compareExchange: (view, index, expected, replacement) =>
    Atomics.compareExchange(view, index, expected, replacement),
  loadLong: (view, index) => Atomics.load(view, index),
  storeLong: (view, index, value) => {
    Atomics.store(view, index, value);
  },
  addLong: (view, index, value) => Atomics.add(view, index, value),
  wait: (view, index, value, timeoutMs) => Atomics.wait(view, index, value, timeoutMs),
  notify: (view, index) => {
    Atomics.notify(view, index);
  },
};
