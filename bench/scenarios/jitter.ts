/**
 * What minibatches of random sizes do for equal workers: updates until the training loss is low, at equal examples per
 * update.
 *
 * Once with sixteen simulated workers whose step times are proportional to the size of a minibatch (mode `timed`), beside
 * workers drawn at random (`random-worker`), the most that randomness could do. And once with real threads, four and
 * sixteen, in updates and seconds.
 */
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import type { OptionsInput } from "../../src/index.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { addCounts, stalenessChart } from "./geometric-law.ts";
import { checkSchedules, type Outcome, simulate } from "./simulated-run.ts";

const simulateWorkers = 16;
const threadCounts = [4, 16];
const batchSize = 64;

interface Problem {
  readonly title: string;
  readonly model: "mlp" | "lenet";
  readonly maxUpdates: number;
  readonly targets: readonly number[];
}

const problems: readonly Problem[] = [
  { title: "MLP", model: "mlp", maxUpdates: 3_000, targets: [0.25, 0.12] },
  { title: "LeNet", model: "lenet", maxUpdates: 2_000, targets: [0.2, 0.1] },
];

type Laws = Readonly<Record<string, OptionsInput>>;

const sizes: Laws = {
  "equal minibatches": { batchJitter: "none" },
  "two sizes": { batchJitter: "two" },
  exponential: { batchJitter: "exponential" },
};

const simulated: Laws = {
  ...Object.fromEntries(
    Object.entries(sizes).map(([law, options]) => [law, { ...options, mode: "timed", simulateWorkers }]),
  ),
  "equal minibatches, random workers": { mode: "random-worker", batchJitter: "none", simulateWorkers },
};

interface Setting {
  /** "simulated", or the number of threads in words. */
  readonly title: string;
  readonly workers: number;
  readonly laws: Laws;
  readonly seeds: readonly number[];
}

const settings: readonly Setting[] = [
  {
    title: `${simulateWorkers} simulated workers`,
    workers: simulateWorkers,
    laws: simulated,
    seeds: [1, 2, 3, 4, 5],
  },
  ...threadCounts.map((workers): Setting => {
    const laws = Object.entries(sizes).map(([law, options]) => [
      law,
      { ...options, mode: "hogwild", workers },
    ]);
    return { title: `${workers} threads`, workers, laws: Object.fromEntries(laws), seeds: [1, 2, 3] };
  }),
];

interface Run extends Outcome {
  readonly problem: string;
  readonly setting: string;
  readonly law: string;
  readonly seed: number;
}

export async function jitter({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("timed", "random-worker");
  const chosen = quick ? [{ ...problems[0], maxUpdates: 1_500 }] : problems;
  const plan = settings.flatMap((setting) =>
    chosen.flatMap((problem) =>
      Object.entries(setting.laws).flatMap(([law, options]) =>
        (quick ? [1] : setting.seeds).map((seed) => ({ setting, problem, law, options, seed })),
      ),
    ),
  );
  cells.plan(plan.length);
  const threadsOf = ({ options }: (typeof plan)[number]) => options.workers ?? 1;
  const runs = await onSpareCores(
    plan,
    threadsOf,
    async ({ law, options, problem, seed, setting }): Promise<Run> => {
      const { maxUpdates, model, targets, title } = problem;
      const all: OptionsInput = { ...options, model, batchSize, seed, maxUpdates };
      const outcome = await simulate(cells, `${title}, ${setting.title}, ${law}, seed ${seed}`, targets, all);
      return { ...outcome, problem: title, setting: setting.title, law, seed };
    },
  );
  const pairs = chosen.flatMap((problem) => settings.map((setting) => ({ problem, setting })));
  return {
    parameters: { settings, problems: chosen, batchSize, optimizer: "yellowfin, closed loop" },
    checks,
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: pairs.map(({ problem, setting }) => table(problem, setting, runs)),
    charts: pairs.map(({ problem, setting }) => {
      const counts = Object.keys(setting.laws).map((law) => ({
        name: law,
        counts: addCounts(cellOf(runs, problem, setting, law).map((run) => run.stalenessCounts)),
      }));
      return stalenessChart(`${problem.title}, ${setting.title}`, setting.workers, counts);
    }),
    details: { runs: runs.map(({ lossCurve: _, ...run }) => run) },
  };
}

const cellOf = (runs: readonly Run[], problem: Problem, setting: Setting, law: string) =>
  runs.filter((run) => run.problem === problem.title && run.setting === setting.title && run.law === law);

function table(problem: Problem, setting: Setting, runs: readonly Run[]): FigureTable {
  const { maxUpdates, targets, title } = problem;
  const threads = setting.laws === simulated ? null : setting.workers;
  const cell = (law: string) => cellOf(runs, problem, setting, law);
  const median = (law: string, target: number) =>
    statisticsOf(cell(law).map(({ reached }) => reached[target] ?? maxUpdates)).median;
  const equal = Object.keys(setting.laws)[0];
  const timed = threads === null ? [] : [`seconds to ${targets[0]}`, "µs/example"];
  return {
    title:
      `${title}, ${setting.title}: updates until the mean loss of 100 updates is ${targets.join(" / ")}, median of the ` +
      `seeds, one that missed it counted as ${maxUpdates}; “×” is how many times fewer than with equal minibatches`,
    columns: [
      "",
      ...targets.flatMap((target) => [`to ${target}`, "×"]),
      "missed",
      "staleness, mean ± sd … max",
      ...timed,
    ],
    rows: Object.keys(setting.laws).map((law) => {
      const own = cell(law);
      const missed = targets.map((_, i) => own.filter(({ reached }) => reached[i] === null).length);
      return [
        law,
        ...targets.flatMap((_, i) => [`${median(law, i)}`, (median(equal, i) / median(law, i)).toFixed(2)]),
        missed.join(" / "),
        spread(addCounts(own.map(({ stalenessCounts }) => stalenessCounts))),
        ...(threads === null ? [] : timings(own, maxUpdates)),
      ];
    }),
  };
}

/** Mean, standard deviation and largest of what a histogram counts. */
function spread(counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const moment = (power: number) =>
    counts.reduce((sum, count, staleness) => sum + count * staleness ** power, 0) / total;
  const deviation = Math.sqrt(Math.max(0, moment(2) - moment(1) ** 2));
  return `${moment(1).toFixed(1)} ± ${deviation.toFixed(1)} … ${counts.length - 1}`;
}

/** Seconds of training to the first target, at the run's mean speed, and what an example takes all threads together. */
function timings(runs: readonly Run[], maxUpdates: number): string[] {
  const perUpdate = runs.map(({ trainingSeconds }) => (trainingSeconds ?? Number.NaN) / maxUpdates);
  const seconds = runs.map(({ reached }, i) => (reached[0] ?? maxUpdates) * perUpdate[i]);
  return [
    statisticsOf(seconds).median.toFixed(2),
    ((1e6 * statisticsOf(perUpdate).median) / batchSize).toFixed(2),
  ];
}
