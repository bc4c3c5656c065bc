/** The runs of the scenario `staleness` as tables and charts. */
import type { Chart } from "../../src/pages/chart.ts";
import type { FigureTable } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { diverged, type Outcome } from "./simulated-run.ts";

export interface Problem {
  readonly title: string;
  readonly classes: number;
  readonly maxUpdates: number;
  /** Mean losses of 100 updates in a row that are to be reached. */
  readonly targets: readonly number[];
}

export interface Run extends Omit<Outcome, "lossCurve" | "stalenessCounts"> {
  readonly problem: string;
  readonly contender: string;
  readonly setting: string;
  readonly seed: number;
  readonly learningRate: number | null;
}

/** Name of the setting without asynchrony. */
export const alone = "1 worker";

/** How fast real threads are. */
export interface Hardware {
  readonly problem: string;
  readonly workers: number;
  /** All threads together. */
  readonly microsecondsPerUpdate: number;
}

const retunedSuffix = "retuned for each";

/** Between an optimizer and the setting that its learning rate was searched for. */
export const oncePrefix = "tuned for";

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
  const { classes, maxUpdates, targets, title } = problem;
  const runs = all.filter((run) => run.problem === title);
  const settings = distinct(runs, "setting");
  const cellText = (contender: string, setting: string) => {
    const cell = cellOf(runs, contender, setting);
    if (cell.length === 0) return "";
    const lost = cell.filter((run) => diverged(run, classes)).length;
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

/** Updates to the first target as a multiple of the best retuned expert's, setting by setting: natural logarithms. */
function logsAgainstExpert(
  problem: Problem,
  all: readonly Run[],
  contender: string,
  asynchronous: boolean,
): number[] {
  const runs = all.filter((run) => run.problem === problem.title);
  const experts = distinct(runs, "contender").filter((name) => name.endsWith(retunedSuffix));
  return distinct(runs, "setting")
    .filter((setting) => (setting !== alone) === asynchronous)
    .flatMap((setting) => {
      const cell = cellOf(runs, contender, setting);
      if (cell.length === 0) return [];
      const updates = (name: string) => medianUpdates(problem, cellOf(runs, name, setting), 0);
      return [Math.log(medianUpdates(problem, cell, 0) / Math.min(...experts.map(updates)))];
    });
}

export function againstExpert(problems: readonly Problem[], runs: readonly Run[]): FigureTable {
  const mean = (logs: readonly number[]) =>
    logs.length === 0 ? "" : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length).toFixed(2);
  const withExperts = runs.some(({ contender }) => contender.endsWith(retunedSuffix));
  const names = withExperts ? distinct(runs, "contender") : [];
  return {
    title:
      "Updates to the first target over all settings with several workers, as a multiple of the best expert whose learning " +
      `rate was searched for that setting: geometric means, a missed target counted as the whole run; the same with ${alone}; ` +
      "runs that diverged, of all",
    columns: ["", ...problems.map(({ title }) => title), "all", alone, "diverged"],
    rows: names.map((contender) => {
      const logs = problems.map((problem) => logsAgainstExpert(problem, runs, contender, true));
      const synchronous = problems.flatMap((problem) => logsAgainstExpert(problem, runs, contender, false));
      const own = runs.filter((run) => run.contender === contender);
      const lost = problems.map(
        ({ classes, title }) => own.filter((run) => run.problem === title && diverged(run, classes)).length,
      );
      return [
        contender,
        ...logs.map(mean),
        mean(logs.flat()),
        mean(synchronous),
        `${lost.reduce((a, b) => a + b, 0)} of ${own.length}`,
      ];
    }),
  };
}

interface Efficiency {
  readonly workers: number;
  /** Updates to the first target, and time per update, each as a multiple of one worker's. */
  readonly statistical: number;
  readonly hardware: number;
}

/** Of workers that come at random, with the speed of as many real threads. */
function efficienciesOf(
  problem: Problem,
  runs: readonly Run[],
  hardware: readonly Hardware[],
  contender: string,
): Efficiency[] {
  const own = runs.filter((run) => run.problem === problem.title);
  const speeds = hardware.filter((speed) => speed.problem === problem.title);
  const updates = (setting: string) => medianUpdates(problem, cellOf(own, contender, setting), 0);
  return speeds.map(({ microsecondsPerUpdate, workers }) => ({
    workers,
    statistical: updates(workers === 1 ? alone : `${workers} random`) / updates(alone),
    hardware: microsecondsPerUpdate / speeds[0].microsecondsPerUpdate,
  }));
}

/**
 * Statistical efficiency, hardware efficiency and their product, the time to the target, each as a multiple of one
 * worker's: smaller is better.
 *
 * Source: Zhang, Ré, "DimmWitted", arXiv:1403.7550, §3; Hadjis, Zhang, Mitliagkas, Ré, "Omnivore", arXiv:1606.04487, §4.
 */
export function efficiencies(
  problems: readonly Problem[],
  runs: readonly Run[],
  hardware: readonly Hardware[],
  contender: string,
): FigureTable {
  return {
    title:
      `${contender}: updates to the first target, with workers that come at random, times seconds per update, with as many ` +
      "threads on this machine, is seconds to the target; each as a multiple of one worker's",
    columns: ["", "workers", "updates", "seconds per update", "seconds to target"],
    rows: problems.flatMap((problem) =>
      efficienciesOf(problem, runs, hardware, contender).map(({ hardware, statistical, workers }) => [
        problem.title,
        `${workers}`,
        statistical.toFixed(2),
        hardware.toFixed(2),
        (statistical * hardware).toFixed(2),
      ]),
    ),
  };
}

export function efficiencyChart(
  problem: Problem,
  runs: readonly Run[],
  hardware: readonly Hardware[],
  contender: string,
): Chart {
  const all = efficienciesOf(problem, runs, hardware, contender);
  const x = all.map(({ workers }) => workers);
  return {
    kind: "lines",
    title: `${problem.title}: what workers cost, as a multiple of one worker's`,
    x: { label: "workers", scale: "log" },
    y: { label: "multiple", min: 0 },
    series: [
      { name: "updates to the target", x, y: all.map(({ statistical }) => statistical) },
      { name: "seconds per update", x, y: all.map((one) => one.hardware) },
      { name: "seconds to the target", x, y: all.map((one) => one.statistical * one.hardware) },
    ],
  };
}

/** Rules in the chart of a problem, beside the experts who retune. */
const drawnRules = 4;

export function updatesChart(problem: Problem, all: readonly Run[]): Chart {
  const runs = all.filter((run) => run.problem === problem.title);
  const settings = distinct(runs, "setting") as string[];
  const names = distinct(runs, "contender") as string[];
  const drawn = [...names.slice(0, drawnRules), ...names.filter((name) => name.endsWith(retunedSuffix))];
  return {
    kind: "bars",
    title: `${problem.title}: updates to a loss of ${problem.targets[0]}`,
    x: { label: "workers and law of staleness", categories: settings },
    y: { label: "updates" },
    series: drawn.map((name) => ({
      name,
      y: settings.map((setting) => medianUpdates(problem, cellOf(runs, name, setting), 0)),
    })),
  };
}
