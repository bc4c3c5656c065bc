/**
 * Finished cells of a long measurement in a file, so that one that was interrupted resumes where it stopped and nothing
 * is measured twice.
 *
 * One line of JSON a cell, written as soon as the cell is finished. A line that was cut off is a cell that was not.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../report/make-folder.ts";
import { writing } from "../report/writing.ts";

interface Line {
  /** What was measured, in full. */
  readonly cell: string;
  /** Which code measured it. */
  readonly code: string;
  readonly value: unknown;
}

export class FinishedCells {
  /** Cells that were there from the start. */
  readonly found: number;
  /** Cells in the file that other code measured, and that do not count. */
  readonly foreign: number;
  readonly #file: string | null;
  readonly #code: string;
  readonly #values: Map<string, Promise<unknown>>;

  /** @param file Null to keep nothing. @param code Which code measures, as `codeFingerprint()` says. */
  constructor(file: string | null, code: string) {
    const lines = file === null ? [] : readLines(file);
    const own = lines.filter((line) => line.code === code);
    this.#file = file;
    this.#code = code;
    this.#values = new Map(own.map(({ cell, value }) => [cell, Promise.resolve(value)]));
    this.found = this.#values.size;
    this.foreign = lines.length - own.length;
  }

  /** Whether the cell is finished or being measured. */
  has(cell: string): boolean {
    return this.#values.has(cell);
  }

  /**
   * The value of a cell, which JSON must be able to write: measured here unless it is there already. A cell that cannot be
   * measured is not kept.
   *
   * @throws {YfError} `NOT_WRITABLE`, and whatever `measure` throws.
   */
  get<T>(cell: string, measure: () => Promise<T>): Promise<T> {
    const known = this.#values.get(cell);
    if (known !== undefined) return known as Promise<T>;
    const value = measure().then((measured) => {
      this.#append(cell, measured);
      return measured;
    });
    this.#values.set(cell, value);
    value.catch(() => this.#values.delete(cell));
    return value;
  }

  /** Removes the file, so that the next measurement begins anew. */
  discard(): void {
    if (this.#file !== null) rmSync(this.#file, { force: true });
  }

  #append(cell: string, value: unknown): void {
    const file = this.#file;
    if (file === null) return;
    const line: Line = { cell, code: this.#code, value };
    makeFolder(dirname(file));
    // The line break comes first: a line that was cut off must not take the next one with it.
    writing(file, () => appendFileSync(file, `\n${JSON.stringify(line)}`));
  }
}

function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line): Line[] => {
      try {
        const parsed: unknown = JSON.parse(line);
        return typeof parsed === "object" && parsed !== null && "cell" in parsed ? [parsed as Line] : [];
      } catch {
        return [];
      }
    });
}
