/**
 * A queue of fixed-length records from one thread to another: single producer, single consumer, never waiting.
 *
 * `head` (records posted) is written by the producer, `tail` (records taken) by the consumer, both modulo twice
 * the number of slots, so that full and empty differ and nothing ever wraps. A slot belongs to the consumer
 * from the store of `head` that publishes it to the store of `tail` that gives it back; both are atomic, so no
 * record is ever read half. A second consumer may take over whenever the first one handed over a lock.
 * A thread that dies leaves the ring as it was before or after one whole record.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { Counter } from "./counter.ts";
import { kept, region } from "./layout.ts";

/** Where the numbers of a record begin, behind its ticket. */
export const payloadStart = 1;

interface RecordRingViews {
  readonly head: Int32Array;
  readonly tail: Int32Array;
  readonly dropped: BigInt64Array;
  readonly records: Float64Array;
}

export class RecordRing {
  /** Numbers in a record; the first is its ticket, a count that grows from record to record. */
  readonly recordLength: number;
  readonly slots: number;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #dropped: Counter;
  readonly #records: Float64Array;
  readonly #atomics: AtomicOperations;

  static regions(slots: number, recordLength: number) {
    return {
      head: region("int32", 1, kept),
      tail: region("int32", 1, kept),
      dropped: Counter.regions,
      records: region("float64", slots * recordLength, kept),
    };
  }

  constructor(views: RecordRingViews, recordLength: number, atomics: AtomicOperations = nativeAtomics) {
    this.recordLength = recordLength;
    this.slots = views.records.length / recordLength;
    this.#head = views.head;
    this.#tail = views.tail;
    this.#dropped = new Counter(views.dropped, atomics);
    this.#records = views.records;
    this.#atomics = atomics;
  }

  /**
   * Producer: adds a record, unless the ring is full; then nothing is overwritten and the drop is counted.
   *
   * @param record `recordLength` numbers, the ticket first.
   */
  post(record: ArrayLike<number>): boolean {
    const head = this.#atomics.load(this.#head, 0);
    if (this.#distance(this.#atomics.load(this.#tail, 0), head) === this.slots) {
      this.#dropped.next();
      return false;
    }
    const start = (head % this.slots) * this.recordLength;
    for (let i = 0; i < this.recordLength; i++) this.#records[start + i] = record[i];
    this.#atomics.store(this.#head, 0, this.#advance(head));
    return true;
  }

  /** Consumer: ticket of the oldest record, Infinity when there is none. */
  peekTicket(): number {
    const tail = this.#atomics.load(this.#tail, 0);
    if (tail === this.#atomics.load(this.#head, 0)) return Number.POSITIVE_INFINITY;
    return this.#records[(tail % this.slots) * this.recordLength];
  }

  /** Consumer: moves the oldest record to `into` (`recordLength` numbers); false when there is none. */
  take(into: Float64Array): boolean {
    const tail = this.#atomics.load(this.#tail, 0);
    if (tail === this.#atomics.load(this.#head, 0)) return false;
    const start = (tail % this.slots) * this.recordLength;
    for (let i = 0; i < this.recordLength; i++) into[i] = this.#records[start + i];
    this.#atomics.store(this.#tail, 0, this.#advance(tail));
    return true;
  }

  /** Number of records in the ring; at least so many for its consumer, at most so many for its producer. */
  get size(): number {
    return this.#distance(this.#atomics.load(this.#tail, 0), this.#atomics.load(this.#head, 0));
  }

  /** Number of records that {@link post} refused since the start. */
  get dropped(): number {
    return this.#dropped.value;
  }

  #advance(cursor: number): number {
    return (cursor + 1) % (2 * this.slots);
  }

  #distance(tail: number, head: number): number {
    return (head - tail + 2 * this.slots) % (2 * this.slots);
  }
}
