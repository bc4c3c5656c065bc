/** A file that grows by whole records: what the disk does not take in full is taken back, so that all can be read. */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { writing } from "./writing.ts";

export class AppendedFile {
  readonly #file: string;
  #descriptor: number | null;
  /** Bytes of all whole records. */
  #length = 0;

  /** @param keep Whether what is in the file stays. @throws {YfError} `NOT_WRITABLE`, as every method. */
  constructor(file: string, keep: boolean) {
    const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
    this.#file = file;
    this.#descriptor = writing(file, () =>
      openSync(file, O_WRONLY | O_CREAT | O_APPEND | (keep ? 0 : O_TRUNC), 0o666),
    );
    this.#length = fstatSync(this.#descriptor).size;
  }

  /** Writes a record at once, so that a run that is cut off leaves what it measured. */
  append(record: Uint8Array): void {
    const descriptor = this.#descriptor;
    writing(this.#file, () => {
      if (descriptor === null) throw new Error("the log is closed");
      try {
        for (let from = 0; from < record.length; ) from += writeSync(descriptor, record, from);
      } catch (error) {
        this.#takeBack(descriptor);
        throw error;
      }
    });
    this.#length += record.length;
  }

  /** Waits until the disk has every record. May be called again. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#descriptor = null;
    writing(this.#file, () => {
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  #takeBack(descriptor: number): void {
    try {
      ftruncateSync(descriptor, this.#length);
    } catch {
      // A beginning of a record stays at the end of the file, as in one of a run that was cut off.
    }
  }
}
