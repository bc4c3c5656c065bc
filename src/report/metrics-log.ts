/**
 * The file `metrics.jsonl`: one line of JSON for each interval of a run. It is the source of truth; what people see is
 * a view of it.
 *
 * Each line is written at once, so that a run that is cut off leaves what it measured.
 */
import { existsSync, readFileSync } from "node:fs";
import { AppendedFile } from "./appended-file.ts";
import type { RunEvent } from "./run-event.ts";
import type { RunSnapshot } from "./run-snapshot.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

export class MetricsLog {
  readonly #file: AppendedFile;

  /**
   * Makes the file, or empties it.
   *
   * @param after Updates at which a run is resumed: lines of later ones go, what is before stays. Null for a new run.
   * @throws {YfError} `NOT_WRITABLE`, as every method.
   */
  constructor(file: string, after: number | null = null) {
    if (after !== null && existsSync(file))
      writeFileAtomically(file, linesUntil(after, readFileSync(file, "utf8")));
    this.#file = new AppendedFile(file, after !== null);
  }

  /** Adds one line: the fields under their own names, null for what is not finite. Events have a field `event`. */
  append(record: RunSnapshot | RunEvent): void {
    this.#file.append(Buffer.from(`${JSON.stringify(record)}\n`));
  }

  /** Waits until the disk has every line. May be called again. */
  close(): void {
    this.#file.close();
  }
}

/** What a run had told of its first updates: it tells of later ones once more, and the last line may be cut off. */
function linesUntil(updates: number, text: string): string {
  const lines = text.split("\n").slice(0, -1);
  return lines
    .filter((line) => isOf(updates, line))
    .map((line) => `${line}\n`)
    .join("");
}

/** A line that is no JSON stays, for whoever reads the file to tell of it. */
function isOf(updates: number, line: string): boolean {
  try {
    const record = JSON.parse(line) as Partial<RunSnapshot> | null;
    return !(Number(record?.updates) > updates);
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}
