/** The runs of the scenario `staleness` as tables. */
import type { FigureTable } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { diverged, type Outcome } from "./simulated-run.ts";

export interface Problem {
  readonly title: string;
  readonly batchSize: number;
  readonly maxUpdates: number;
  /** Mean losses of 100 updates in a row that are to be reached. */
  readonly targets: readonly number[];
}

export interface Run extends Outcome {
  readonly problem: string;
  readonly contender: string;
  readonly setting: string;
  readonly seed: number;
  readonly learningRate: number | null;
}

/** Name of the setting without asynchrony. */
export const alone = "1 worker";

const retunedSuffix = "retuned for each";

/** Name of a contender whose learning rate was searched for each setting. */
export const retuned = (optimizer: string): string => `${optimizer}, ${retunedSuffix}`;

const distinct = <K extends keyof Run>(runs: readonly Run[], key: K) => [
  ...new Set(runs.map((run) => run[key])),
];

const cellOf = (runs: readonly Run[], contender: string, setting: string) =>
  runs.filter((run) => run.contender === contender && run.setting === setting);

/** Median over the seeds of updates to a target, a missed one counted as the whole run. */
function medianUpdates(problem: Problem, cell: readonly Run[], target: number): number {
  return statisticsOf(cell.map(({ reached }) => reached[target] ?? problem.maxUpdates)).median;
}

export function updatesToTarget(problem: Problem, all: readonly Run[]): FigureTable {
  const { maxUpdates, targets, title } = problem;
  const runs = all.filter((run) => run.problem === title);
  const settings = distinct(runs, "setting");
  const cellText = (contender: string, setting: string) => {
    const cell = cellOf(runs, contender, setting);
    if (cell.length === 0) return "";
    const lost = cell.filter(diverged).length;
    const texts = targets.map((_, i) =>
      cell.some(({ reached }) => reached[i] === null) ? "–" : `${medianUpdates(problem, cell, i)}`,
    );
    return `${texts.join(" / ")}${lost === 0 ? "" : `, ${lost} diverged`}`;
  };
  const leastAccuracy = (contender: string) =>
    Math.min(...runs.filter((run) => run.contender === contender).map(({ testAccuracy }) => testAccuracy));
  return {
    title:
      `${title}: updates until the mean loss of 100 updates is ${targets.join(" / ")}, median of the seeds; “–” if a seed ` +
      `missed it within ${maxUpdates}; least test accuracy of all runs after ${maxUpdates} updates`,
    columns: ["", ...settings, "least accuracy, %"],
    rows: distinct(runs, "contender").map((contender) => [
      contender,
      ...settings.map((setting) => cellText(contender, setting)),
      (100 * leastAccuracy(contender)).toFixed(2),
    ]),
  };
}

/** Updates to the first target over all settings with several workers, best retuned expert = 1: natural logarithms. */
function logsAgainstExpert(problem: Problem, all: readonly Run[], contender: string): number[] {
  const runs = all.filter((run) => run.problem === problem.title);
  const experts = distinct(runs, "contender").filter((name) => name.endsWith(retunedSuffix));
  return distinct(runs, "setting")
    .filter((setting) => setting !== alone)
    .map((setting) => {
      const updates = (name: string) => medianUpdates(problem, cellOf(runs, name, setting), 0);
      return Math.log(updates(contender) / Math.min(...experts.map(updates)));
    });
}

export function againstExpert(problems: readonly Problem[], runs: readonly Run[]): FigureTable {
  const mean = (logs: readonly number[]) =>
    Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length).toFixed(2);
  const withExperts = runs.some(({ contender }) => contender.endsWith(retunedSuffix));
  const names = withExperts ? distinct(runs, "contender") : [];
  return {
    title:
      "Updates to the first target over all settings with several workers, as a multiple of the best expert whose learning " +
      "rate was searched for that setting: geometric means, a missed target counted as the whole run; runs that diverged, of all",
    columns: ["", ...problems.map(({ title }) => title), "all", "diverged"],
    rows: names.map((contender) => {
      const logs = problems.map((problem) => logsAgainstExpert(problem, runs, contender));
      const own = runs.filter((run) => run.contender === contender);
      return [
        contender,
        ...logs.map(mean),
        mean(logs.flat()),
        `${own.filter(diverged).length} of ${own.length}`,
      ];
    }),
  };
}
