/** What a scenario measures, cell by cell: a finished one is kept at once and never measured again, each one is shown. */
import type { FinishedCells } from "../../src/grid/finished-cells.ts";
import type { CountedProgress } from "../../src/report/counted-progress.ts";

export class Cells {
  /** Aborted when the benchmark is to end; what is measured then does not count. */
  readonly signal: AbortSignal;
  readonly #finished: FinishedCells;
  readonly #progress: CountedProgress;

  constructor(finished: FinishedCells, progress: CountedProgress, signal: AbortSignal) {
    this.#finished = finished;
    this.#progress = progress;
    this.signal = signal;
  }

  /** @param total Calls of {@link get} to come, about. */
  plan(total: number): void {
    this.#progress.begin(total);
  }

  /**
   * The value of a cell, which JSON must be able to write.
   *
   * @param title For people. @param key All that the value depends on besides the code.
   * @param told What came of it, for people.
   * @throws The signal's reason when it was aborted.
   */
  async get<T>(
    title: string,
    key: Readonly<Record<string, unknown>>,
    measure: () => Promise<T>,
    told: (value: T) => string = () => "",
  ): Promise<T> {
    this.signal.throwIfAborted();
    const cell = JSON.stringify(key);
    const known = this.#finished.has(cell);
    const value = await this.#finished.get(cell, async () => {
      const measured = await measure();
      this.signal.throwIfAborted();
      return measured;
    });
    const news = told(value);
    this.#progress.step(news === "" ? title : `${title}: ${news}`, !known);
    return value;
  }
}
