/**
 * The request to end a run, with its reason; the first reason stays.
 *
 * One int32: 0 while the run trains, otherwise the reason's code. Writers: any thread, by compare-exchange from 0.
 * Readers: every thread, each time it is about to begin something. It never wraps or tears, and changes back only where
 * a run of several parts begins the next one.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { region, transient } from "./layout.ts";

export class StopFlag {
  static readonly regions = region("int32", 1, transient);

  readonly #cell: Int32Array;
  readonly #atomics: AtomicOperations;

  constructor(cell: Int32Array, atomics: AtomicOperations = nativeAtomics) {
    this.#cell = cell;
    this.#atomics = atomics;
  }

  /**
   * Asks every thread to stop.
   *
   * @param reason Code of the caller's choice, an int32 > 0.
   * @returns Whether this was the first request.
   */
  request(reason: number): boolean {
    return this.#atomics.compareExchange(this.#cell, 0, 0, reason) === 0;
  }

  /** Begins the next part of a run. Only while no other thread works at it. */
  clear(): void {
    this.#atomics.store(this.#cell, 0, 0);
  }

  get requested(): boolean {
    return this.reason !== 0;
  }

  /** Code of the first request, 0 when there was none. */
  get reason(): number {
    return this.#atomics.load(this.#cell, 0);
  }
}
