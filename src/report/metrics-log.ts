/**
 * The file `metrics.jsonl`: one line of JSON for each interval of a run. It is the source of truth; what people see is
 * a view of it.
 *
 * Each line is written at once, so that a run that is cut off leaves what it measured.
 */
import { existsSync } from "node:fs";
import { AppendedFile } from "./appended-file.ts";
import { cutRecordsAfter } from "./cut-records.ts";
import type { RunEvent } from "./run-event.ts";
import type { RunSnapshot } from "./run-snapshot.ts";

export class MetricsLog {
  readonly #file: AppendedFile;

  /**
   * Makes the file, or empties it.
   *
   * @param after Updates at which a run is resumed: lines of later ones go, what is before stays. Null for a new run.
   * @throws {YfError} `NOT_WRITABLE`, as every method.
   */
  constructor(file: string, after: number | null = null) {
    if (after !== null && existsSync(file)) cutRecordsAfter(file, after);
    this.#file = new AppendedFile(file, after !== null);
  }

  /**
   * Adds one line: the fields under their own names, null for what is not finite. Events have a field `event`, and not what
   * their text says in the same words.
   */
  append(record: RunSnapshot | RunEvent): void {
    const told = { note: undefined, problem: undefined };
    this.#file.append(
      Buffer.from(`${JSON.stringify("event" in record ? { ...record, ...told } : record)}\n`),
    );
  }

  /** Waits until the disk has every line. May be called again. */
  close(): void {
    this.#file.close();
  }
}
