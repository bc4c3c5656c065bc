/**
 * The gate around the workers' writes to the shared parameters, which the coordinator closes for a consistent copy.
 *
 * `closed` (0 or 1) is written by the coordinator alone; `inside[rank]` (0 or 1) by that worker, or by the
 * coordinator once the worker is dead. A worker says that it is inside before it looks whether the gate is closed,
 * the coordinator closes before it looks who is inside: whatever the order, one of the two sees the other
 * (Dekker). What workers wrote inside is visible to the coordinator once {@link close} has succeeded.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { region, transient } from "./layout.ts";

interface GateViews {
  readonly closed: Int32Array;
  readonly inside: readonly Int32Array[];
}

export class Gate {
  readonly #closed: Int32Array;
  readonly #inside: readonly Int32Array[];
  readonly #atomics: AtomicOperations;
  #held = false;

  static regions(workers: number) {
    return {
      closed: region("int32", 1, transient),
      inside: Array.from({ length: workers }, () => region("int32", 1, transient)),
    };
  }

  constructor({ closed, inside }: GateViews, atomics: AtomicOperations = nativeAtomics) {
    this.#closed = closed;
    this.#inside = inside;
    this.#atomics = atomics;
  }

  /** Worker: enters; sleeps as long as the gate is closed. */
  enter(rank: number): void {
    for (;;) {
      this.#atomics.store(this.#inside[rank], 0, 1);
      if (this.#atomics.load(this.#closed, 0) === 0) return;
      this.leave(rank);
      this.#atomics.wait(this.#closed, 0, 1, Number.POSITIVE_INFINITY);
    }
  }

  /** Worker: leaves. The coordinator calls it for a worker that died inside. */
  leave(rank: number): void {
    this.#atomics.store(this.#inside[rank], 0, 0);
    if (this.#atomics.load(this.#closed, 0) !== 0) this.#atomics.notify(this.#inside[rank], 0);
  }

  /** Coordinator: whether a worker that does not run any more is still inside, where it must have died. */
  isInside(rank: number): boolean {
    return this.#atomics.load(this.#inside[rank], 0) !== 0;
  }

  /**
   * Coordinator: closes the gate and waits until no one is inside.
   *
   * @param timeoutMs Milliseconds to wait for the workers inside; 0 only looks.
   * @returns Ranks of the workers still inside: empty when what the gate guards may be read. Otherwise they are
   *   busy or dead, and the gate stays closed until {@link open}.
   */
  close(timeoutMs: number): number[] {
    this.#atomics.store(this.#closed, 0, 1);
    const deadline = performance.now() + timeoutMs;
    return this.#inside.flatMap((cell, rank) => (this.#awaitLeave(cell, deadline) ? [] : [rank]));
  }

  /** Coordinator: lets the workers in again, unless a pause holds the gate. */
  open(): void {
    if (this.#held) return;
    this.#atomics.store(this.#closed, 0, 0);
    this.#atomics.notify(this.#closed, 0);
  }

  /** Coordinator: keeps the gate closed, whoever closes and opens it meanwhile, until {@link release}. Waits for no one. */
  hold(): void {
    this.#held = true;
    this.#atomics.store(this.#closed, 0, 1);
  }

  /** Coordinator: ends {@link hold} and opens. */
  release(): void {
    this.#held = false;
    this.open();
  }

  /** Whether a pause holds the gate, as far as this thread knows, which alone may ask for one. */
  get held(): boolean {
    return this.#held;
  }

  #awaitLeave(cell: Int32Array, deadline: number): boolean {
    while (this.#atomics.load(cell, 0) !== 0) {
      const remainingMs = Math.max(0, deadline - performance.now());
      if (this.#atomics.wait(cell, 0, 1, remainingMs) === "timed-out")
        return this.#atomics.load(cell, 0) === 0;
    }
    return true;
  }
}
