/**
 * Slots for a growing series of numbered items, each slot owned by one writer at a time: item r lives in slot
 * r mod slots until item r + slots takes its place.
 *
 * One int32 stamp a slot: 0 never written, 2r + 1 item r is being written, 2r + 2 item r is complete, modulo 2³².
 * Writers: any thread, for an item that it alone writes; a slot is taken by compare-exchange. Readers: any
 * thread. A wrap misleads only about an item that is 2³¹ older than the one asked for and was never replaced.
 *
 * A writer who finds its slot in use by another writer, or holding its item or a newer one, gives up: an item is
 * written once, a late writer never spoils a newer item, and two writers never mix their values. A thread that dies while it writes
 * makes its slot unusable, and every item that would live there incomplete.
 */
import type { AtomicOperations } from "./atomics.ts";

export class StampedSlots {
  readonly length: number;
  readonly #stamps: Int32Array;
  readonly #atomics: AtomicOperations;

  constructor(stamps: Int32Array, atomics: AtomicOperations) {
    this.length = stamps.length;
    this.#stamps = stamps;
    this.#atomics = atomics;
  }

  slotOf(item: number): number {
    return item % this.length;
  }

  /** Writer: takes the slot of `item`, or gives up (false). Plain writes to the slot follow. */
  begin(item: number): boolean {
    const slot = this.slotOf(item);
    const stamp = this.#atomics.load(this.#stamps, slot);
    const busy = stamp % 2 !== 0;
    const newer = stamp !== 0 && ((stamp - writing(item)) | 0) > 0;
    if (busy || newer) return false;
    return this.#atomics.compareExchange(this.#stamps, slot, stamp, writing(item)) === stamp;
  }

  /** Writer: completes `item`. */
  end(item: number): void {
    this.#atomics.store(this.#stamps, this.slotOf(item), complete(item));
  }

  /** Reader, before its plain reads: whether `item` is there, complete. */
  holds(item: number): boolean {
    return this.#atomics.load(this.#stamps, this.slotOf(item)) === complete(item);
  }

  /** Reader, after its plain reads: whether `item` was there all the time. */
  stillHolds(item: number): boolean {
    return this.#atomics.add(this.#stamps, this.slotOf(item), 0) === complete(item);
  }
}

const writing = (item: number): number => (2 * item + 1) | 0;
const complete = (item: number): number => (2 * item + 2) | 0;
