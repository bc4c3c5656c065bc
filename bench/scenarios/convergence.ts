/**
 * Test accuracy of LeNet on MNIST after five epochs, all workers together, by optimizer, number of workers and seed:
 * real threads, real staleness. The default has nothing tuned; rivals are shown at their default and at their best
 * learning rate, searched for every number of workers on a seed that is not counted.
 */
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import type { Chart } from "../../src/pages/chart.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { trainCommand } from "./command.ts";

const workerCounts = [1, 2, 16];
const seeds = [1, 2, 3, 4, 5];
const gridSeed = 101;

interface Contender {
  readonly name: string;
  readonly args: readonly string[];
}

const defaults: readonly Contender[] = [
  { name: "yellowfin, closed loop (default)", args: [] },
  { name: "yellowfin, published loop", args: ["--loop", "feedback"] },
  { name: "yellowfin, open loop", args: ["--loop", "none"] },
  { name: "adam, 0.001 (default)", args: ["--optimizer", "adam"] },
  { name: "momentum 0.9, 0.01 (default)", args: ["--optimizer", "momentum"] },
];

/** Learning rates to search besides the default. */
const grids = {
  adam: { name: "adam", fallback: 0.001, others: [0.0003, 0.003] },
  momentum: { name: "momentum 0.9", fallback: 0.01, others: [0.001, 0.003, 0.03] },
} as const;

interface Run {
  readonly contender: string;
  readonly workers: number;
  readonly seed: number;
  readonly testAccuracy: number;
  readonly testLoss: number | null;
  readonly trainLoss: number | null;
  readonly stalenessMean: number | null;
  readonly updatesPerSecond: number | null;
  readonly learningRate: number | null;
  readonly momentum: number | null;
}

export async function convergence({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  // A run that diverges counts as diverged, and does not continue with half its rate.
  const length = [...(quick ? ["--updates", "30"] : ["--epochs", "5"]), "--max-rollbacks", "0"];
  const runs: Run[] = [];
  const searched: Run[] = [];
  const measure = (contender: Contender, workers: number, seed: number): Promise<Run> =>
    cells.get(
      `${contender.name}, ${workers} workers, seed ${seed}`,
      { contender, workers, seed, length },
      () => runOnce(contender, workers, seed, length),
      ({ testAccuracy }) => percent(testAccuracy),
    );
  const searches = Object.values(grids).reduce((sum, { others }) => sum + 1 + others.length, 0);
  cells.plan(quick ? 2 : workerCounts.length * (defaults.length * seeds.length + searches));
  for (const workers of quick ? [2] : workerCounts) {
    for (const contender of quick ? defaults.slice(0, 2) : defaults) {
      runs.push(...(await each(quick ? [1] : seeds, workers, (seed) => measure(contender, workers, seed))));
    }
    for (const optimizer of quick ? [] : (["adam", "momentum"] as const)) {
      const { fallback, name, others } = grids[optimizer];
      const grid = [fallback, ...others].map((rate) => ({ rate, contender: rated(optimizer, name, rate) }));
      const found = await each(grid, workers, async ({ contender, rate }) => ({
        rate,
        run: await measure(contender, workers, gridSeed),
      }));
      searched.push(...found.map(({ run }) => run));
      const { rate } = found.sort((a, b) => b.run.testAccuracy - a.run.testAccuracy)[0];
      const contender = { ...rated(optimizer, name, rate), name: `${name}, best learning rate for each` };
      const best =
        rate === fallback
          ? runs.filter((run) => run.workers === workers && run.contender.startsWith(`${name}, ${fallback}`))
          : await each(seeds, workers, (seed) => measure(contender, workers, seed));
      runs.push(...best.map((run) => ({ ...run, contender: contender.name })));
    }
  }
  return {
    parameters: {
      seeds,
      gridSeed,
      workers: workerCounts,
      model: "lenet",
      data: "mnist",
      batchSize: 64,
      epochs: 5,
    },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [accuracies(runs), seedsOfDefault(runs)],
    charts: [errorChart(runs)],
    details: { runs, searched },
  };
}

function rated(optimizer: string, name: string, rate: number): Contender {
  return { name: `${name}, ${rate}`, args: ["--optimizer", optimizer, "--learning-rate", `${rate}`] };
}

/** In turn; runs of a single worker do not depend on the clock, so those share the cores. */
const each = <T, R>(items: readonly T[], workers: number, run: (item: T) => Promise<R>): Promise<R[]> =>
  onSpareCores(items, () => (workers === 1 ? 1 : Number.POSITIVE_INFINITY), run);

async function runOnce(
  { args, name }: Contender,
  workers: number,
  seed: number,
  length: readonly string[],
): Promise<Run> {
  // Rates far too large end in numbers that are not finite: a result, not an accident.
  const failed = { summary: null };
  const { summary } = await trainCommand([
    ...args,
    ...length,
    "--workers",
    `${workers}`,
    "--seed",
    `${seed}`,
  ]).catch((error: Error) => {
    if (error.message.includes("must be finite")) return failed;
    throw error;
  });
  return {
    contender: name,
    workers,
    seed,
    testAccuracy: summary?.testAccuracy ?? 0,
    testLoss: summary?.testLoss ?? null,
    trainLoss: summary?.trainLoss ?? null,
    stalenessMean: summary?.staleness.mean ?? null,
    updatesPerSecond: summary?.updatesPerSecond ?? null,
    learningRate: summary?.learningRate ?? null,
    momentum: summary?.momentum.algorithmic ?? null,
  };
}

/** Medians over the seeds: what is left to get right tells contenders apart better than what they get right. */
function errorChart(runs: readonly Run[]): Chart {
  const { counts, names } = namesOf(runs);
  const median = (name: string, workers: number) => {
    const own = runs.filter((run) => run.contender === name && run.workers === workers);
    return statisticsOf(own.map(({ testAccuracy }) => 100 * (1 - testAccuracy))).median;
  };
  return {
    kind: "bars",
    title: "Test error after five epochs",
    x: { label: "workers", categories: counts.map(String) },
    y: { label: "%" },
    series: names.map((name) => ({ name, y: counts.map((workers) => median(name, workers)) })),
  };
}

const namesOf = (runs: readonly Run[]) => ({
  names: [...new Set(runs.map(({ contender }) => contender))],
  counts: [...new Set(runs.map(({ workers }) => workers))],
});

function accuracies(runs: readonly Run[]): FigureTable {
  const { counts, names } = namesOf(runs);
  return {
    title: "Test accuracy after five epochs, in %: median of the seeds (least … largest)",
    columns: ["", ...counts.map((workers) => `${workers} ${workers === 1 ? "worker" : "workers"}`)],
    rows: names.map((name) => [
      name,
      ...counts.map((workers) => {
        const values = runs
          .filter((run) => run.contender === name && run.workers === workers)
          .map(({ testAccuracy }) => 100 * testAccuracy);
        const { max, median, min } = statisticsOf(values);
        return `${median.toFixed(2)} (${min.toFixed(2)} … ${max.toFixed(2)})`;
      }),
    ]),
  };
}

function seedsOfDefault(runs: readonly Run[]): FigureTable {
  const own = runs.filter(({ contender }) => contender === defaults[0].name);
  const columns = [...new Set(own.map(({ seed }) => seed))];
  return {
    title: "The default, seed by seed: test accuracy in % (mean staleness)",
    columns: ["workers", ...columns.map((seed) => `seed ${seed}`)],
    rows: [...new Set(own.map(({ workers }) => workers))].map((workers) => [
      `${workers}`,
      ...own
        .filter((run) => run.workers === workers)
        .map(({ stalenessMean, testAccuracy }) => `${percent(testAccuracy)} (${stalenessMean?.toFixed(1)})`),
    ]),
  };
}

const percent = (accuracy: number) => (100 * accuracy).toFixed(2);
