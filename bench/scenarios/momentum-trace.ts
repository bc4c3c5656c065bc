/**
 * The three momenta over time: what the tuner aims at, what the iterates show in total, what the workers apply. One worker,
 * sixteen without a loop, with the published one and with ours.
 *
 * As in YellowFin's figure 5 (arXiv:1706.03471), where asynchrony lifts the total above the target and the published loop
 * lowers what is applied until they meet. Under the noise of minibatches the measured total hardly differs from what is
 * applied; larger minibatches show a little more of it, so both are shown. Our loop does not ask that measurement: it takes out
 * what the measured staleness adds by theory.
 */
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import { type OptionsInput, type RunSnapshot, train } from "../../src/index.ts";
import type { Chart } from "../../src/pages/chart.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { checkSchedules } from "./simulated-run.ts";

const seeds = [1, 2, 3];

const problems = [
  { title: "batch 64", batchSize: 64, maxUpdates: 3_000 },
  { title: "batch 1024", batchSize: 1_024, maxUpdates: 1_500 },
] as const;

type Problem = (typeof problems)[number];

const cases: Readonly<Record<string, OptionsInput>> = {
  "1 worker": { mode: "serial", loop: "none" },
  "16 workers, open loop": { mode: "random-worker", simulateWorkers: 16, loop: "none" },
  "16 workers, published loop": { mode: "random-worker", simulateWorkers: 16, loop: "feedback" },
  "16 workers, closed loop (default)": { mode: "random-worker", simulateWorkers: 16, loop: "corrected" },
};

/** Momenta at some updates of a run, as often as the telemetry is read. */
interface Trace {
  readonly updates: readonly number[];
  readonly target: readonly number[];
  /** Null before the first measurement. */
  readonly total: readonly (number | null)[];
  readonly algorithmic: readonly number[];
}

interface Run extends Trace {
  readonly problem: string;
  readonly name: string;
  readonly seed: number;
}

export async function momentumTrace({ cells, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("random-worker");
  const chosen = quick ? seeds.slice(0, 1) : seeds;
  const plan = problems.flatMap((problem) =>
    Object.entries(cases).flatMap(([name, options]) =>
      chosen.map((seed) => ({ problem, name, options, seed })),
    ),
  );
  cells.plan(plan.length);
  const runs = await onSpareCores(
    plan,
    () => 1,
    async ({ name, options, problem, seed }): Promise<Run> => {
      const { batchSize, maxUpdates, title } = problem;
      const length = quick ? maxUpdates / 2 : maxUpdates;
      const all = { ...options, model: "mlp", batchSize, maxUpdates: length, workers: 1, seed } as const;
      const key = { ...all, trace: true };
      const trace = await cells.get(`${title}, ${name}, seed ${seed}`, key, () => record(all, cells.signal));
      return { ...trace, problem: title, name, seed };
    },
  );
  return {
    parameters: { model: "mlp", data: "mnist", problems, cases, seeds: chosen },
    checks,
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: problems.map((problem) => table(problem, runs)),
    charts: problems.flatMap((problem) =>
      Object.keys(cases).map((name) => chart(problem, name, runs, chosen[0])),
    ),
    details: { runs },
  };
}

async function record(options: OptionsInput, signal: AbortSignal): Promise<Trace> {
  const snapshots: RunSnapshot[] = [];
  const onYield = (snapshot: RunSnapshot) => {
    if (snapshot.updates > (snapshots.at(-1)?.updates ?? 0)) snapshots.push(snapshot);
  };
  await train({ maxRollbacks: 0, ...options, model: options.model ?? "mlp", signal, callbacks: { onYield } });
  const rounded = (value: number) => Number(value.toFixed(4));
  return {
    updates: snapshots.map(({ updates }) => updates),
    target: snapshots.map(({ momentumTarget }) => rounded(momentumTarget)),
    total: snapshots.map(({ momentumTotal }) =>
      Number.isFinite(momentumTotal) ? rounded(momentumTotal) : null,
    ),
    algorithmic: snapshots.map(({ momentumAlgorithmic }) => rounded(momentumAlgorithmic)),
  };
}

function chart({ title }: Problem, name: string, runs: readonly Run[], seed: number): Chart {
  const run = runs.find((one) => one.problem === title && one.name === name && one.seed === seed) as Run;
  const { algorithmic, target, total, updates } = run;
  return {
    kind: "lines",
    title: `${name}, ${title}, seed ${seed}`,
    x: { label: "updates", min: 0 },
    y: { label: "momentum", min: -0.2, max: 1 },
    series: [
      { name: "target", x: updates, y: target, style: "dashed" },
      { name: "total, measured", x: updates, y: total },
      { name: "algorithmic, applied", x: updates, y: algorithmic },
    ],
  };
}

/** Over the second half of a run, when the tuner has warmed up. */
function gaps({ algorithmic, target, total }: Trace): { total: number; algorithmic: number; target: number } {
  const from = Math.floor(target.length / 2);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const late = target.map((aim, i) => ({ aim, all: total[i], own: algorithmic[i] })).slice(from);
  return {
    target: mean(late.map(({ aim }) => aim)),
    total: mean(late.flatMap(({ aim, all }) => (all === null ? [] : [all - aim]))),
    algorithmic: mean(late.map(({ aim, own }) => own - aim)),
  };
}

function table({ title }: Problem, runs: readonly Run[]): FigureTable {
  return {
    title: `${title[0].toUpperCase()}${title.slice(1)}, second half of a run: median of the seeds (least … largest)`,
    columns: ["", "target", "measured total − target", "applied − target"],
    rows: Object.keys(cases).map((name) => {
      const cell = runs.filter((run) => run.problem === title && run.name === name).map(gaps);
      const text = (key: keyof ReturnType<typeof gaps>) => {
        const { max, median, min } = statisticsOf(cell.map((gap) => gap[key]));
        return `${median.toFixed(3)} (${min.toFixed(3)} … ${max.toFixed(3)})`;
      };
      return [name, text("target"), text("total"), text("algorithmic")];
    }),
  };
}
