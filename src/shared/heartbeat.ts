/**
 * A thread's sign of life: a number that changes as long as it does something, be it waiting for its turn.
 *
 * One int32 per thread. Writer: that thread alone, by a plain store, several times per update. Reader: the coordinator, now
 * and then; one look sees some earlier number (R8). It wraps after 2³² beats, and misleads only who looks just then.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { region, transient } from "./layout.ts";

export class Heartbeat {
  static readonly regions = region("int32", 1, transient);

  readonly #cell: Int32Array;
  readonly #atomics: AtomicOperations;

  constructor(cell: Int32Array, atomics: AtomicOperations = nativeAtomics) {
    this.#cell = cell;
    this.#atomics = atomics;
  }

  /** The thread: I live. */
  beat(): void {
    this.#cell[0] = (this.#cell[0] as number) + 1;
  }

  /** The coordinator: another number than before if there were beats. */
  get count(): number {
    return this.#atomics.load(this.#cell, 0);
  }
}
