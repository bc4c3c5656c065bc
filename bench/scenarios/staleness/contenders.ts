/**
 * Who takes part in the scenario `staleness`, on which problems, with how many workers.
 *
 * On one problem, the complete one, everybody runs with every number of workers. On the others run the rules without
 * anything to tune, SGD and Adam with 1, 16 and 32 workers: three seeds of everything would take hours. Runs are about twice
 * as long as the slowest expert needs to the first target where workers come at random.
 */
import type { OptionsInput } from "../../../src/index.ts";
import type { StalenessPolicy } from "../../../src/update/staleness-policy.ts";

export interface Problem {
  readonly title: string;
  readonly classes: number;
  readonly maxUpdates: number;
  /** Mean losses of 100 updates in a row that are to be reached. */
  readonly targets: readonly number[];
}

/** Name of the setting without asynchrony. */
export const alone = "1 worker";

/** Ends the name of an expert who retunes. */
const retunedSuffix = "retuned for each";

/** Names of the contenders that the tables in short speak of. */
export const theDefault = "yellowfin, closed loop (default)";
export const published = "yellowfin, published loop";
export const openLoop = "yellowfin, open loop";
export const auto = "auto";

/** Name of a contender whose learning rate was searched for each setting. */
export const retuned = (optimizer: string): string => `${optimizer}, ${retunedSuffix}`;

/** Name of a contender whose learning rate was searched for one worker. */
export const once = (optimizer: string): string => `${optimizer}, tuned for ${alone}`;

export const isRetuned = (contender: string): boolean => contender.endsWith(retunedSuffix);

export interface Task extends Problem {
  readonly options: OptionsInput;
  /** Whether every rule and policy runs with every number of workers, or those that matter most with many. */
  readonly complete: boolean;
}

/** A row of the table of tasks. */
type TaskRow = readonly [
  title: string,
  options: OptionsInput,
  classes: number,
  maxUpdates: number,
  targets: readonly number[],
  complete?: "complete",
];

/** The shortest first, so that little is lost if somebody does not wait. */
const taskRows: readonly TaskRow[] = [
  ["MLP, batch 64", { model: "mlp", batchSize: 64 }, 10, 2_500, [0.25, 0.12], "complete"],
  ["a6a, logistic", { model: "logistic", data: "a6a", batchSize: 64 }, 2, 2_500, [0.35, 0.335]],
  ["MLP, batch 16", { model: "mlp", batchSize: 16 }, 10, 2_000, [0.3, 0.15]],
  [
    "Fashion-MNIST, MLP, batch 64",
    { model: "mlp", data: "fashion-mnist", batchSize: 64 },
    10,
    1_500,
    [0.5, 0.4],
  ],
  ["MLP, batch 256", { model: "mlp", batchSize: 256 }, 10, 1_000, [0.25, 0.15]],
  ["LeNet, batch 64", { model: "lenet", batchSize: 64 }, 10, 1_000, [0.2, 0.1]],
];

export const tasks: readonly Task[] = taskRows.map(
  ([title, options, classes, maxUpdates, targets, complete]) => ({
    title,
    options,
    classes,
    maxUpdates,
    targets,
    complete: complete !== undefined,
  }),
);

export interface Setting {
  readonly title: string;
  readonly options: OptionsInput;
}

const laws = { constant: "round-robin", random: "random-worker" } as const;

const settingOf = (simulateWorkers: number, law: keyof typeof laws): Setting => ({
  title: `${simulateWorkers} ${law}`,
  options: { mode: laws[law], simulateWorkers },
});

/** Numbers of workers that stand for asynchrony in the comparison with experts. */
const manyWorkers = [16, 32];
/** With these, staleness is random alone, the milder law. */
const fewWorkers = [2, 4, 8];

/** Numbers of workers of a problem, with one worker in the first place. */
export const workersOf = ({ complete }: Task): number[] => [
  1,
  ...(complete ? fewWorkers : []),
  ...manyWorkers,
];

const manySettings = manyWorkers.flatMap((workers) => [
  settingOf(workers, "constant"),
  settingOf(workers, "random"),
]);

/** Names of the settings with many workers. */
export const manyTitles = manySettings.map(({ title }) => title);

export const settingsOf = ({ complete }: Task): Setting[] => [
  { title: alone, options: { mode: "serial" } },
  ...(complete ? fewWorkers : []).map((workers) => settingOf(workers, "random")),
  ...manySettings,
];

export interface Rule {
  readonly name: string;
  readonly options: OptionsInput;
  /** Runs on the complete problem only. */
  readonly rare: boolean;
}

/** Options by name of those who run on every problem. */
const frequent: Readonly<Record<string, OptionsInput>> = {
  [theDefault]: {},
  [published]: { loop: "feedback" },
  [openLoop]: { loop: "none" },
  [auto]: { optimizer: "auto" },
};

const rare: Readonly<Record<string, OptionsInput>> = {
  "yellowfin, no momentum": { optimizer: "yellowfin-no-momentum" },
  dog: { optimizer: "dog" },
  "schedule-free, 0.0025 (default)": { optimizer: "schedule-free" },
  "schedule-free-sgd (default)": { optimizer: "schedule-free-sgd" },
  "adamw, 0.001 (default)": { optimizer: "adamw" },
  "nesterov 0.9, 0.01 (default)": { optimizer: "nesterov" },
  "adam, 0.001, with back-off": { optimizer: "adam", backOff: true },
};

export const rules: readonly Rule[] = Object.entries({ ...frequent, ...rare }).map(([name, options]) => ({
  name,
  options,
  rare: name in rare,
}));

export interface Expert {
  readonly optimizer: "sgd" | "momentum" | "adam";
  readonly rates: readonly number[];
  /** Runs on the complete problem only. */
  readonly rare?: true;
  /** Runs with the rate of one worker on every problem, too. */
  readonly untunedEverywhere?: true;
}

export const experts: readonly Expert[] = [
  { optimizer: "sgd", rates: [0.02, 0.05, 0.1, 0.2, 0.4] },
  { optimizer: "momentum", rates: [0.003, 0.01, 0.03, 0.1], rare: true },
  { optimizer: "adam", rates: [0.0003, 0.001, 0.003, 0.01], untunedEverywhere: true },
];

/**
 * On top of the rate that was searched for one worker. The policy `drop` is not among them: only free threads drop, as
 * `--max-staleness` says.
 */
export const policies: Readonly<Record<Expert["optimizer"], readonly StalenessPolicy[]>> = {
  sgd: ["lr-over-tau", "gap-aware", "delay-compensated"],
  momentum: ["closed-loop"],
  adam: [],
};
