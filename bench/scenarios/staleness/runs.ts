/** What the tables of the scenario `staleness` ask of its runs. */
import { statisticsOf } from "../../harness/statistics.ts";
import type { Outcome } from "../simulated-run.ts";
import type { Problem } from "./contenders.ts";

export interface Run extends Omit<Outcome, "lossCurve" | "stalenessCounts"> {
  readonly problem: string;
  readonly contender: string;
  readonly setting: string;
  readonly seed: number;
  readonly learningRate: number | null;
}

/** Values of a field, in the order of their first appearance. */
export const distinct = (runs: readonly Run[], key: "contender" | "setting"): string[] => [
  ...new Set(runs.map((run) => run[key])),
];

export const cellOf = (runs: readonly Run[], contender: string, setting: string) =>
  runs.filter((run) => run.contender === contender && run.setting === setting);

/** Median over the seeds of updates to a target, a missed one counted as the whole run. */
export function medianUpdates(problem: Problem, cell: readonly Run[], target: number): number {
  return statisticsOf(cell.map(({ reached }) => reached[target] ?? problem.maxUpdates)).median;
}

/**
 * Updates to the first target as a multiple of the best rival's, setting by setting, as natural logarithms.
 *
 * @param all Of every problem.
 */
export function logRatios(
  problem: Problem,
  all: readonly Run[],
  contender: string,
  rivals: readonly string[],
  settings: readonly string[],
): number[] {
  const runs = all.filter((run) => run.problem === problem.title);
  return settings.flatMap((setting) => {
    const cells = [contender, ...rivals].map((name) => cellOf(runs, name, setting));
    const [own, ...others] = cells.map((cell) =>
      cell.length === 0 ? null : medianUpdates(problem, cell, 0),
    );
    const best = Math.min(...others.filter((updates) => updates !== null));
    return own === null || best === Number.POSITIVE_INFINITY ? [] : [Math.log(own / best)];
  });
}

/** The geometric mean of numbers whose logarithms are given, to two digits; nothing for none. */
export const geometricMean = (logs: readonly number[]): string =>
  logs.length === 0 ? "" : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length).toFixed(2);
