/**
 * Updates until the training loss is low, by optimizer, number of workers and law of staleness: simulated workers, so
 * that every number can be had again to the bit on any machine with the same instructions.
 *
 * Experts (SGD, momentum 0.9, Adam) have their learning rates searched on a seed that is not counted: once for one worker,
 * and anew for each number of workers and law. Everybody else runs with defaults. All rules run on one problem, those that
 * matter most on all.
 */
import { loadDataset } from "../../../src/data/load-dataset.ts";
import { YfError } from "../../../src/errors.ts";
import { onSpareCores } from "../../../src/grid/on-spare-cores.ts";
import { type OptionsInput, train } from "../../../src/index.ts";
import type { Cells } from "../../harness/cells.ts";
import type { ScenarioOptions, ScenarioResult } from "../../harness/scenario.ts";
import { checkSchedules, type Outcome, simulate } from "../simulated-run.ts";
import {
  alone,
  type Expert,
  experts,
  once,
  policies,
  retuned,
  rules,
  type Setting,
  settingsOf,
  type Task,
  tasks,
  theDefault,
  workersOf,
} from "./contenders.ts";
import { efficiencies, efficiencyChart, type Hardware } from "./efficiency.ts";
import { inShort } from "./in-short.ts";
import type { Run } from "./runs.ts";
import { accuracies, againstExpert, updatesChart, updatesToTarget } from "./tables.ts";

const seeds = [1, 2, 3];
const gridSeed = 101;

/** Of the measurement of a speed, real threads. */
const hardwareSeconds = 2;

/** One run to be. */
interface Trial {
  readonly contender: string;
  readonly setting: Setting;
  readonly options: OptionsInput;
  readonly seed: number;
}

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
  const chosen = quick ? [{ ...all[0], maxUpdates: 1_000, complete: false }] : all;
  cells.plan(chosen.map((task) => cellCount(task, quick)).reduce((a, b) => a + b, 0));
  const measured: Measured[] = [];
  for (const task of chosen) {
    log(`${task.title}, ${measured.length + 1} of ${chosen.length} problems`);
    measured.push(await measureTask(task, quick, cells));
  }
  const runs = measured.flatMap((part) => part.runs);
  const hardware = measured.flatMap((part) => part.hardware);
  return {
    parameters: { seeds, gridSeed, problems: chosen, experts, rules, policies },
    checks,
    comparisons: [],
    skipped: [
      ...missing.map((title) => `${title}, whose data set is not there`),
      "the staleness policy drop, which only free threads have",
    ],
    peerVersions: {},
    tables: [
      ...(quick ? [] : [inShort(chosen, runs), againstExpert(chosen, runs)]),
      efficiencies(chosen, runs, hardware, theDefault),
      ...chosen.map((problem) => updatesToTarget(problem, runs)),
      ...chosen.filter(({ complete }) => complete).map((problem) => accuracies(problem, runs)),
    ],
    charts: [
      ...chosen.map((problem) => updatesChart(problem, runs)),
      ...chosen.map((problem) => efficiencyChart(problem, runs, hardware, theDefault)),
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

const runsUntuned = ({ complete }: Task, { untunedEverywhere }: Expert) =>
  complete || untunedEverywhere === true;

const seedsOf = (quick: boolean) => (quick ? seeds.slice(0, 1) : seeds);

function cellCount(task: Task, quick: boolean): number {
  const count = seedsOf(quick).length;
  const own = expertsOf(task, quick);
  const settings = settingsOf(task).length;
  const searches = own.reduce((sum, { rates }) => sum + rates.length, 0);
  const steered = task.complete ? own.reduce((sum, { optimizer }) => sum + policies[optimizer].length, 0) : 0;
  const untuned = own.filter((expert) => runsUntuned(task, expert)).length;
  const everywhere = count * (rulesOf(task, quick).length + own.length + untuned) + searches;
  return settings * everywhere + (settings - 1) * count * steered + workersOf(task).length;
}

async function measureTask(task: Task, quick: boolean, cells: Cells): Promise<Measured> {
  const { maxUpdates, targets, title } = task;
  const measure = async ({ contender, options, seed, setting }: Trial): Promise<Run> => {
    const told = `${title}, ${contender}, ${setting.title}, seed ${seed}`;
    const all = { ...setting.options, ...task.options, ...options, seed, maxUpdates };
    const { lossCurve: _, stalenessCounts: __, ...outcome } = await simulate(cells, told, targets, all);
    const { learningRate = null } = options;
    return { ...outcome, problem: title, contender, setting: setting.title, seed, learningRate };
  };
  const all = (trials: readonly Trial[]) => onSpareCores(trials, () => 1, measure);
  const settings = settingsOf(task);
  const searched = await all(
    settings.flatMap((setting) => expertsOf(task, quick).flatMap((expert) => searchTrials(expert, setting))),
  );
  const trials = settings.flatMap((setting) =>
    [
      ...rulesOf(task, quick).map(({ name, options }) => ({ contender: name, options })),
      ...expertsOf(task, quick).flatMap((expert) => expertTrials(task, expert, setting, searched)),
    ].flatMap((trial) => seedsOf(quick).map((seed) => ({ ...trial, setting, seed }))),
  );
  const runs = await all(trials);
  const hardware: Hardware[] = [];
  for (const workers of workersOf(task)) {
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

/** The name of an optimizer with a learning rate in the search. */
const candidate = (optimizer: string, learningRate: number) => `${optimizer}, ${learningRate}`;

const searchTrials = ({ optimizer, rates }: Expert, setting: Setting): Trial[] =>
  rates.map((learningRate) => ({
    contender: candidate(optimizer, learningRate),
    setting,
    options: { optimizer, learningRate },
    seed: gridSeed,
  }));

/** An expert with the rate of the setting, with that of one worker, and the latter with staleness policies. */
function expertTrials(
  task: Task,
  expert: Expert,
  { title }: Setting,
  searched: readonly Run[],
): Pick<Trial, "contender" | "options">[] {
  const { optimizer, rates } = expert;
  const bestIn = (setting: string): number => {
    const names = rates.map((rate) => candidate(optimizer, rate));
    const runs = searched.filter((run) => run.setting === setting && names.includes(run.contender));
    return runs.reduce((a, b) => (better(b, a) ? b : a)).learningRate as number;
  };
  const rateAlone = { optimizer, learningRate: bestIn(alone) };
  const steered = task.complete && title !== alone ? policies[optimizer] : [];
  return [
    { contender: retuned(optimizer), options: { optimizer, learningRate: bestIn(title) } },
    ...(runsUntuned(task, expert) ? [{ contender: once(optimizer), options: rateAlone }] : []),
    ...steered.map((stalenessPolicy) => ({
      contender: `${once(optimizer)}, ${stalenessPolicy}`,
      options: { ...rateAlone, stalenessPolicy },
    })),
  ];
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
