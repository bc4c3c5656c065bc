/**
 * The file `metrics.jsonl`: one line of JSON for each interval of a run. It is the source of truth; what people see is
 * a view of it.
 *
 * Each line is written at once, so that a run that is cut off leaves what it measured.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { RunEvent } from "./run-event.ts";
import type { RunSnapshot } from "./run-snapshot.ts";
import { writing } from "./writing.ts";

export class MetricsLog {
  readonly #file: string;
  #descriptor: number | null;

  /**
   * Makes the file, or empties it.
   *
   * @throws {YfError} `NOT_WRITABLE`, as every method.
   */
  constructor(file: string) {
    this.#file = file;
    this.#descriptor = writing(file, () => openSync(file, "w"));
  }

  /** Adds one line: the fields under their own names, null for what is not finite. Events have a field `event`. */
  append(record: RunSnapshot | RunEvent): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    writing(this.#file, () => {
      if (this.#descriptor === null) throw new Error("the log is closed");
      for (let from = 0; from < line.length; ) from += writeSync(this.#descriptor, line, from);
    });
  }

  /** Waits until the disk has every line. May be called again. */
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
}
