/**
 * Finished cells of a long benchmark, so that one that was interrupted goes on where it stopped.
 *
 * One line of JSON a cell, in a folder that is no part of the repository. A cell counts only for the commit that it was
 * measured at.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { describeMachine } from "./machine.ts";
import { root } from "./places.ts";

export class CellStore<T> {
  readonly #file: URL;
  readonly #commit: string;
  readonly #cells: Map<string, T>;

  /** @param scenario Name of the benchmark. */
  constructor(scenario: string) {
    const { commit, modified } = describeMachine();
    this.#commit = modified ? "modified" : (commit ?? "none");
    const folder = new URL(".cache/bench/", root);
    mkdirSync(folder, { recursive: true });
    this.#file = new URL(`${scenario}.jsonl`, folder);
    this.#cells = new Map(
      readLines(this.#file).flatMap(({ cell, commit: measured, value }): [string, T][] =>
        measured === this.#commit && !modified ? [[cell, value as T]] : [],
      ),
    );
  }

  /** The value of a cell: measured now, unless it was before. */
  async get(cell: string, measure: () => Promise<T>): Promise<T> {
    const known = this.#cells.get(cell);
    if (known !== undefined) return known;
    const value = await measure();
    this.#cells.set(cell, value);
    appendFileSync(this.#file, `${JSON.stringify({ cell, commit: this.#commit, value })}\n`);
    return value;
  }
}

interface Line {
  readonly cell: string;
  readonly commit: string;
  readonly value: unknown;
}

/** A line that was cut off is a cell that was not finished. */
function readLines(file: URL): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line): Line[] => {
      try {
        return [JSON.parse(line) as Line];
      } catch {
        return [];
      }
    });
}
