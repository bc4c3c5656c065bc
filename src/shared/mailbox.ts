/**
 * The latest of a series of records, published by one thread at a time and read by all, never half of one: a
 * seqlock.
 *
 * `sequence` is odd while a record is being written. Writers: the one thread that holds the publishers' lock.
 * Readers: every thread; they write nothing but a zero added to `sequence`. Valid from the first publish on. A
 * reader is misled by a wrap only if exactly 2³¹ records are published during one read.
 *
 * Source: Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012: the second look
 * at the sequence is a read-modify-write, for which no fence is needed.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { kept, region } from "./layout.ts";

/** Looks before a reader gives up: a publisher that lost its processor in the middle must not stop a reader. */
const attempts = 8;

interface MailboxViews {
  readonly sequence: Int32Array;
  readonly record: Float64Array;
}

export class Mailbox {
  readonly #sequence: Int32Array;
  readonly #record: Float64Array;
  readonly #copy: Float64Array;
  readonly #atomics: AtomicOperations;

  /** @param length Numbers in a record. */
  static regions(length: number) {
    return { sequence: region("int32", 1, kept), record: region("float64", length, kept) };
  }

  constructor({ sequence, record }: MailboxViews, atomics: AtomicOperations = nativeAtomics) {
    this.#sequence = sequence;
    this.#record = record;
    this.#copy = new Float64Array(record.length);
    this.#atomics = atomics;
  }

  /** Replaces the record. Only one thread at a time may be in here. @param values As many as the record has. */
  publish(values: ArrayLike<number>): void {
    const atomics = this.#atomics;
    const before = atomics.load(this.#sequence, 0);
    // Odd already when a publisher died in the middle; then this one finishes in its place.
    const writing = before | 1;
    // A read-modify-write: the plain writes below must not become visible before it.
    atomics.add(this.#sequence, 0, writing - before);
    for (let i = 0; i < this.#record.length; i++) this.#record[i] = values[i];
    atomics.store(this.#sequence, 0, writing + 1);
  }

  /**
   * Copies the latest record.
   *
   * @param into As long as the record; unchanged when the result is false.
   * @returns False when nothing was published yet, or publishers were in the way each time: continue with what was
   *   read last.
   */
  read(into: Float64Array): boolean {
    const atomics = this.#atomics;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = atomics.load(this.#sequence, 0);
      if (before === 0) return false;
      if (before % 2 !== 0) continue;
      for (let i = 0; i < this.#copy.length; i++) this.#copy[i] = this.#record[i];
      if (atomics.add(this.#sequence, 0, 0) === before) {
        into.set(this.#copy);
        return true;
      }
    }
    return false;
  }
}
