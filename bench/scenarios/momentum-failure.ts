/**
 * Fixed momentum 0.9 with sixteen workers, and its cure: what trains well with one worker fails when asynchrony adds
 * momentum of its own, unless the loop takes it back.
 *
 * An MLP on MNIST: one worker, sixteen simulated ones that take turns or come at random, and sixteen threads.
 */
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import type { OptionsInput } from "../../src/index.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { lossChart } from "./loss-curves.ts";
import { checkSchedules, diverged, type Outcome, simulate } from "./simulated-run.ts";

const seeds = [1, 2, 3];
const maxUpdates = 2_500;
const targets = [0.25, 0.12];
const workers = 16;

interface Setting {
  readonly title: string;
  readonly options: OptionsInput;
}

const settings: readonly Setting[] = [
  { title: "1 worker", options: { mode: "serial" } },
  { title: `${workers} workers in turn`, options: { mode: "round-robin", simulateWorkers: workers } },
  { title: `${workers} workers at random`, options: { mode: "random-worker", simulateWorkers: workers } },
  { title: `${workers} threads`, options: { mode: "hogwild", workers } },
];

const contenders: Readonly<Record<string, OptionsInput>> = {
  "momentum 0.9, rate 0.01": { optimizer: "momentum", momentum: 0.9, learningRate: 0.01 },
  "momentum 0.9, rate 0.03": { optimizer: "momentum", momentum: 0.9, learningRate: 0.03 },
  "yellowfin, open loop": { loop: "none" },
  "yellowfin, published closed loop": { loop: "feedback" },
  "yellowfin, closed loop with back-off (default)": { loop: "corrected" },
};

interface Run extends Outcome {
  readonly setting: string;
  readonly contender: string;
  readonly seed: number;
}

export async function momentumFailure({ cells, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("round-robin", "random-worker");
  const chosen = quick ? seeds.slice(0, 1) : seeds;
  const length = quick ? 1_000 : maxUpdates;
  const plan = settings.flatMap((setting) =>
    Object.entries(contenders).flatMap(([contender, options]) =>
      chosen.map((seed) => ({ setting, contender, options, seed })),
    ),
  );
  cells.plan(plan.length);
  const threads = ({ setting }: (typeof plan)[number]) => setting.options.workers ?? 1;
  const runs = await onSpareCores(
    plan,
    threads,
    async ({ contender, options, seed, setting }): Promise<Run> => {
      const all = { model: "mlp", ...setting.options, ...options, seed, maxUpdates: length } as const;
      const outcome = await simulate(cells, `${setting.title}, ${contender}, seed ${seed}`, targets, all);
      return { ...outcome, setting: setting.title, contender, seed };
    },
  );
  return {
    parameters: {
      model: "mlp",
      data: "mnist",
      batchSize: 64,
      maxUpdates: length,
      targets,
      seeds: chosen,
      contenders,
    },
    checks,
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [table(runs, length)],
    charts: settings.map(({ title }) =>
      lossChart(
        title,
        runs.filter(({ setting }) => setting === title),
      ),
    ),
    details: { runs },
  };
}

function table(runs: readonly Run[], length: number): FigureTable {
  const text = (contender: string, setting: string) => {
    const cell = runs.filter((run) => run.contender === contender && run.setting === setting);
    const reached = targets.map((_, i) =>
      cell.some((run) => run.reached[i] === null)
        ? "–"
        : `${statisticsOf(cell.map((run) => run.reached[i] as number)).median}`,
    );
    const least = Math.min(...cell.map(({ testAccuracy }) => 100 * testAccuracy));
    const lost = cell.filter((run) => diverged(run)).length;
    return `${reached.join(" / ")}; ${least.toFixed(1)} %${lost === 0 ? "" : `, ${lost} diverged`}`;
  };
  return {
    title:
      `Updates until the mean loss of 100 updates is ${targets.join(" / ")}, median of the seeds, “–” if one missed it ` +
      `within ${length}; least test accuracy`,
    columns: ["", ...settings.map(({ title }) => title)],
    rows: Object.keys(contenders).map((contender) => [
      contender,
      ...settings.map(({ title }) => text(contender, title)),
    ]),
  };
}
