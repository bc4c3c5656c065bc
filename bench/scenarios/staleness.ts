/**
 * Updates until the training loss is low, by optimizer, number of workers and law of staleness: simulated workers, so
 * that every number can be had again to the bit on any machine with the same instructions.
 *
 * Experts (SGD, momentum 0.9, Adam) have their learning rates searched on a seed that is not counted: once for one worker,
 * and anew for each number of workers and law. Everybody else runs with defaults. All rules run on one problem, those that
 * matter most on all.
 */
import { loadDataset } from "../../src/data/load-dataset.ts";
import { YfError } from "../../src/errors.ts";
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import { type OptionsInput, train } from "../../src/index.ts";
import type { Cells } from "../harness/cells.ts";
import type { ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { checkSchedules, type Outcome, simulate } from "./simulated-run.ts";
import {
  againstExpert,
  alone,
  efficiencies,
  efficiencyChart,
  type Hardware,
  oncePrefix,
  type Problem,
  type Run,
  retuned,
  updatesChart,
  updatesToTarget,
} from "./staleness-tables.ts";

const seeds = [1, 2, 3];
const gridSeed = 101;

interface Task extends Problem {
  readonly options: OptionsInput;
  /** Whether every rule and policy runs, or those that matter most. */
  readonly complete: boolean;
}

/** The shortest first, so that little is lost if somebody does not wait. */
const tasks: readonly Task[] = [
  {
    title: "MLP, batch 64",
    classes: 10,
    options: { model: "mlp", batchSize: 64 },
    maxUpdates: 2_500,
    targets: [0.25, 0.12],
    complete: true,
  },
  {
    title: "a6a, logistic",
    classes: 2,
    options: { model: "logistic", data: "a6a", batchSize: 64 },
    maxUpdates: 2_500,
    targets: [0.35, 0.335],
    complete: false,
  },
  {
    title: "MLP, batch 16",
    classes: 10,
    options: { model: "mlp", batchSize: 16 },
    maxUpdates: 4_000,
    targets: [0.3, 0.15],
    complete: false,
  },
  {
    title: "Fashion-MNIST, MLP, batch 64",
    classes: 10,
    options: { model: "mlp", data: "fashion-mnist", batchSize: 64 },
    maxUpdates: 2_500,
    targets: [0.5, 0.4],
    complete: false,
  },
  {
    title: "MLP, batch 256",
    classes: 10,
    options: { model: "mlp", batchSize: 256 },
    maxUpdates: 1_200,
    targets: [0.25, 0.15],
    complete: false,
  },
  {
    title: "LeNet, batch 64",
    classes: 10,
    options: { model: "lenet", batchSize: 64 },
    maxUpdates: 1_500,
    targets: [0.2, 0.1],
    complete: false,
  },
];

interface Setting {
  readonly title: string;
  readonly options: OptionsInput;
}

const laws = { constant: "round-robin", random: "random-worker" } as const;
const workerCounts = [16, 32];

const settings: readonly Setting[] = [
  { title: alone, options: { mode: "serial" } },
  ...workerCounts.flatMap((simulateWorkers) =>
    (["constant", "random"] as const).map((law) => ({
      title: `${simulateWorkers} ${law}`,
      options: { mode: laws[law], simulateWorkers },
    })),
  ),
];

interface Rule {
  readonly name: string;
  readonly options: OptionsInput;
  /** Runs on the complete problem only. */
  readonly rare?: true;
}

const rules: readonly Rule[] = [
  { name: "yellowfin, closed loop (default)", options: {} },
  { name: "yellowfin, published loop", options: { loop: "published" } },
  { name: "yellowfin, open loop", options: { loop: "open" } },
  { name: "auto", options: { optimizer: "auto" } },
  { name: "yellowfin, no momentum", options: { optimizer: "yellowfin-no-momentum" }, rare: true },
  { name: "dog", options: { optimizer: "dog" }, rare: true },
  { name: "schedule-free, 0.0025 (default)", options: { optimizer: "schedule-free" } },
  { name: "schedule-free-sgd (default)", options: { optimizer: "schedule-free-sgd" }, rare: true },
  { name: "adamw, 0.001 (default)", options: { optimizer: "adamw" }, rare: true },
  { name: "nesterov 0.9, 0.01 (default)", options: { optimizer: "nesterov" }, rare: true },
  { name: "adam, 0.001, with back-off", options: { optimizer: "adam", backOff: true } },
];

interface Expert {
  readonly optimizer: "sgd" | "momentum" | "adam";
  readonly rates: readonly number[];
  readonly rare?: true;
}

const experts: readonly Expert[] = [
  { optimizer: "sgd", rates: [0.02, 0.05, 0.1, 0.2, 0.4] },
  { optimizer: "momentum", rates: [0.003, 0.01, 0.03, 0.1], rare: true },
  { optimizer: "adam", rates: [0.0003, 0.001, 0.003, 0.01] },
];

const policies = ["lr-over-tau", "delay-compensated"] as const;

/** Of the measurement of a speed, real threads. */
const hardwareSeconds = 2;

interface Measured {
  readonly runs: readonly Run[];
  /** Of the search for learning rates. */
  readonly searched: readonly Run[];
  readonly hardware: readonly Hardware[];
}

export async function staleness({ cells, log, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("round-robin", "random-worker");
  const found = await Promise.all(tasks.map(({ options }) => hasData(options)));
  const missing = tasks.filter((_, i) => !found[i]).map(({ title }) => title);
  const all = tasks.filter(({ title }) => !missing.includes(title));
  const chosen = quick ? all.slice(0, 1).map((task) => ({ ...task, maxUpdates: 1_000 })) : all;
  cells.plan(chosen.map((task) => cellCount(task, quick)).reduce((a, b) => a + b, 0));
  const measured: Measured[] = [];
  for (const task of chosen) {
    log(`${task.title}, ${measured.length + 1} of ${chosen.length} problems`);
    measured.push(await measureTask(task, quick, cells));
  }
  const runs = measured.flatMap((part) => part.runs);
  const hardware = measured.flatMap((part) => part.hardware);
  const own = rules[0].name;
  return {
    parameters: { seeds, gridSeed, problems: chosen, experts, rules },
    checks,
    comparisons: [],
    skipped: missing.map((title) => `${title}, whose data set is not there`),
    peerVersions: {},
    tables: [
      againstExpert(chosen, runs),
      efficiencies(chosen, runs, hardware, own),
      ...chosen.map((problem) => updatesToTarget(problem, runs)),
    ],
    charts: [
      ...chosen.map((problem) => updatesChart(problem, runs)),
      ...chosen.map((problem) => efficiencyChart(problem, runs, hardware, own)),
    ],
    details: { runs, searched: measured.flatMap((part) => part.searched), hardware },
  };
}

async function hasData({ data = "mnist" }: OptionsInput): Promise<boolean> {
  try {
    return (await loadDataset(data)).train.length > 0;
  } catch (error) {
    if (!(error instanceof YfError && error.code === "BAD_DATA")) throw error;
    return false;
  }
}

const rulesOf = ({ complete }: Task, quick: boolean) =>
  quick ? rules.slice(0, 3) : rules.filter(({ rare }) => complete || !rare);

const expertsOf = ({ complete }: Task, quick: boolean) =>
  quick ? [] : experts.filter(({ rare }) => complete || !rare);

function cellCount(task: Task, quick: boolean): number {
  const count = quick ? 1 : seeds.length;
  const searches = expertsOf(task, quick).map(({ rates }) => rates.length + 2 * count);
  const each = rulesOf(task, quick).length * count + searches.reduce((a, b) => a + b, 0);
  const policyRuns = task.complete && !quick ? policies.length * count * (settings.length - 1) : 0;
  return settings.length * each + policyRuns + 1 + workerCounts.length;
}

async function measureTask(task: Task, quick: boolean, cells: Cells): Promise<Measured> {
  const { complete, maxUpdates, targets, title } = task;
  const measure = async (
    contender: string,
    setting: Setting,
    options: OptionsInput,
    seed: number,
  ): Promise<Run> => {
    const told = `${title}, ${contender}, ${setting.title}, seed ${seed}`;
    const all = { ...setting.options, ...task.options, ...options, seed, maxUpdates };
    const { lossCurve: _, stalenessCounts: __, ...outcome } = await simulate(cells, told, targets, all);
    const { learningRate = null } = options;
    return { ...outcome, problem: title, contender, setting: setting.title, seed, learningRate };
  };
  const runs: Run[] = [];
  const overSeeds = async (contender: string, setting: Setting, options: OptionsInput) => {
    const one = (seed: number) => measure(contender, setting, options, seed);
    runs.push(...(await onSpareCores(quick ? [1] : seeds, () => 1, one)));
  };
  const searched: Run[] = [];
  const ratesAlone = new Map<string, number>();
  for (const setting of settings) {
    for (const { name, options } of rulesOf(task, quick)) await overSeeds(name, setting, options);
    for (const { optimizer, rates } of expertsOf(task, quick)) {
      const grid = await onSpareCores(
        rates,
        () => 1,
        (learningRate) =>
          measure(`${optimizer}, ${learningRate}`, setting, { optimizer, learningRate }, gridSeed),
      );
      searched.push(...grid);
      const best = grid.reduce((a, b) => (better(b, a) ? b : a)).learningRate as number;
      if (!ratesAlone.has(optimizer)) ratesAlone.set(optimizer, best);
      const rateAlone = ratesAlone.get(optimizer) as number;
      await overSeeds(retuned(optimizer), setting, { optimizer, learningRate: best });
      const once = `${optimizer}, ${oncePrefix} ${alone}`;
      await overSeeds(once, setting, { optimizer, learningRate: rateAlone });
      if (optimizer !== "sgd" || setting.title === alone || !complete) continue;
      for (const stalenessPolicy of policies) {
        const options = { optimizer, learningRate: rateAlone, stalenessPolicy };
        await overSeeds(`${once}, ${stalenessPolicy}`, setting, options);
      }
    }
  }
  const hardware: Hardware[] = [];
  for (const workers of [1, ...workerCounts]) {
    const options: OptionsInput = { ...task.options, workers, mode: "hogwild", maxSeconds: hardwareSeconds };
    const microsecondsPerUpdate = await cells.get(
      `${title}, speed of ${workers} threads`,
      { hardware: options },
      () => speed(options, cells.signal),
      (microseconds) => `${microseconds.toFixed(0)} µs/update`,
    );
    hardware.push({ problem: title, workers, microsecondsPerUpdate });
  }
  return { runs, searched, hardware };
}

async function speed(options: OptionsInput, signal: AbortSignal): Promise<number> {
  const { summary } = await train({ ...options, model: options.model ?? "mlp", signal });
  return (1e6 * summary.trainingSeconds) / summary.updates;
}

/** By the first target, then by the loss at the end. */
function better(
  a: Pick<Outcome, "finalLoss" | "reached">,
  b: Pick<Outcome, "finalLoss" | "reached">,
): boolean {
  const [mine, yours] = [a, b].map(({ reached }) => reached[0] ?? Number.POSITIVE_INFINITY);
  return mine === yours ? a.finalLoss < b.finalLoss : mine < yours;
}
