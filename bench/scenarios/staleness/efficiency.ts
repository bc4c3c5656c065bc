/**
 * What workers cost and bring: statistical efficiency, hardware efficiency and their product.
 *
 * Source: Zhang, Ré, "DimmWitted", arXiv:1403.7550, §3; Hadjis, Zhang, Mitliagkas, Ré, "Omnivore", arXiv:1606.04487, §4.
 */
import type { Chart } from "../../../src/pages/chart.ts";
import type { FigureTable } from "../../harness/scenario.ts";
import { alone, type Problem } from "./contenders.ts";
import { cellOf, medianUpdates, type Run } from "./runs.ts";

/** How fast real threads are. */
export interface Hardware {
  readonly problem: string;
  readonly workers: number;
  /** All threads together. */
  readonly microsecondsPerUpdate: number;
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

/** Updates, seconds per update and their product, each as a multiple of one worker's: smaller is better. */
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
