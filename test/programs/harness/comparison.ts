/** What the runs of a program come to: its times, and whether loss and metrics are as good as those of TensorFlow.js. */
import { statisticsOf } from "../../../bench/harness/statistics.ts";
import type { ChildResult } from "./compare-child.ts";
import type { Way } from "./own-trainer.ts";

/** All runs of a program, one for each seed. */
export interface Measured {
  readonly name: string;
  /** The faster backend of TensorFlow.js. */
  readonly backend: "cpu" | "wasm";
  readonly theirs: readonly ChildResult[];
  readonly ours: Readonly<Record<Exclude<Way, "exact">, readonly ChildResult[]>>;
}

/** Of all seeds. */
export const median = (values: readonly number[]): number => statisticsOf(values).median;

/** Median of all seeds. */
export const seconds = (runs: readonly ChildResult[]): number => median(runs.map((run) => run.seconds));

/** Of each seed. */
export const valuesOf = (runs: readonly ChildResult[], figure: string) =>
  runs.map(({ figures }) => figures[figure]);

const higherIsBetter = (figure: string) => /acc|score/i.test(figure);

const range = (values: readonly number[]) => Math.max(...values) - Math.min(...values);

/** The figures of which our median is worse than theirs by more than seeds differ, that is than the wider of both ranges. */
export function worseFigures(ours: readonly ChildResult[], theirs: readonly ChildResult[]): string[] {
  return Object.keys(theirs[0].figures).filter((figure) => {
    const [mine, other] = [valuesOf(ours, figure), valuesOf(theirs, figure)];
    const loss = (median(mine) - median(other)) * (higherIsBetter(figure) ? -1 : 1);
    // What is no number is worse than any.
    return !(loss <= Math.max(range(mine), range(other)));
  });
}
