/**
 * Good states of a run, kept in memory: where it goes back to when its model diverged, or an update broke off halfway.
 *
 * Owns the copies, how many times a run may go back, and how much smaller its learning rate is afterwards. When to copy and
 * when to go back is for others to say.
 */
import { MemoryImage } from "../shared/memory-image.ts";
import type { RunMemory } from "../shared/run-memory.ts";

/** Seconds of training between two copies. A model that diverges shows it within less. */
const everySeconds = 10;
/** What each time does to the learning rate. */
const factorEachTime = 0.5;

interface GoodState {
  readonly image: MemoryImage;
  /** Behind it. */
  updates: number;
}

/** Why a run goes back: its model is of no use any more, or its last update is half done. */
export type RollbackCause = "diverged" | "torn";

export class Rollbacks {
  readonly #memory: RunMemory;
  readonly #most: number;
  /** The last two, older first: the newer one may hold the beginning of what the run goes back for. */
  #states: GoodState[];
  #nextAt: number;
  #count: number;

  /**
   * Copies the memory as it is: before the threads start.
   *
   * @param most Times that a run may go back since it diverged. @param before How many times it did, after how many seconds
   *   of training.
   */
  constructor(
    memory: RunMemory,
    most: number,
    before: { readonly rollbacks: number; readonly seconds: number },
  ) {
    this.#memory = memory;
    this.#most = most;
    this.#count = before.rollbacks;
    this.#nextAt = before.seconds + everySeconds;
    this.#states = [{ image: MemoryImage.of(memory), updates: memory.updates.value }];
  }

  /** Times that the run went back since it diverged. */
  get count(): number {
    return this.#count;
  }

  /** Times that it may. */
  get most(): number {
    return this.#most;
  }

  /** What the learning rate is multiplied by. */
  get learningRateFactor(): number {
    return factorEachTime ** this.#count;
  }

  /** Whether the run may go back once more. */
  mayGoBack(cause: RollbackCause): boolean {
    return cause === "torn" || this.#count < this.#most;
  }

  isDue(seconds: number): boolean {
    return seconds >= this.#nextAt;
  }

  /** Copies the memory. No one may be inside the gate. */
  take(seconds: number): void {
    this.#nextAt = seconds + everySeconds;
    const { updates } = this.#memory;
    if (this.#states.length < 2) {
      this.#states.push({ image: MemoryImage.of(this.#memory), updates: updates.value });
      return;
    }
    const [older, newer] = this.#states;
    older.image.take(this.#memory);
    older.updates = updates.value;
    this.#states = [newer, older];
  }

  /** Puts a good state back. No thread may use the memory. @returns Updates behind it. */
  restore(cause: RollbackCause): number {
    const state = (cause === "torn" ? this.#states.at(-1) : this.#states[0]) as GoodState;
    state.image.restore(this.#memory);
    if (cause === "diverged") {
      this.#count++;
      // The other one may be part of what went wrong.
      this.#states = [state];
    }
    return state.updates;
  }
}
