/**
 * Updates until the training loss is low, by optimizer, number of workers and law of staleness: simulated workers, so
 * that every number can be had again to the bit on any machine with the same instructions.
 *
 * An MLP on MNIST at batch 16 and 64. Experts (SGD, momentum 0.9, Adam) have their learning rates searched on a seed that is not
 * counted: once for one worker, and anew for each number of workers and law. Everybody else runs with defaults.
 */

import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import type { OptionsInput } from "../../src/index.ts";
import type { Cells } from "../harness/cells.ts";
import type { ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { type Outcome, simulate } from "./simulated-run.ts";
import {
  againstExpert,
  alone,
  type Problem,
  type Run,
  retuned,
  updatesToTarget,
} from "./staleness-tables.ts";

const seeds = [1, 2, 3];
const gridSeed = 101;

const problems: readonly Problem[] = [
  { title: "Batch 16", batchSize: 16, maxUpdates: 4_000, targets: [0.3, 0.15] },
  { title: "Batch 64", batchSize: 64, maxUpdates: 2_500, targets: [0.25, 0.12] },
];

interface Setting {
  readonly title: string;
  readonly options: OptionsInput;
}

const laws = { constant: "round-robin", random: "random-worker" } as const;

const settings: readonly Setting[] = [
  { title: alone, options: { mode: "serial" } },
  ...[4, 16, 32].flatMap((simulateWorkers) =>
    (["constant", "random"] as const).map((law) => ({
      title: `${simulateWorkers} ${law}`,
      options: { mode: laws[law], simulateWorkers, workers: 1 },
    })),
  ),
];

const fixed: Readonly<Record<string, OptionsInput>> = {
  "yellowfin, closed loop (default)": {},
  "yellowfin, published loop": { loop: "published" },
  "yellowfin, open loop": { loop: "open" },
  "yellowfin, no momentum": { optimizer: "yellowfin-no-momentum" },
  dog: { optimizer: "dog" },
  "schedule-free, 0.0025 (default)": { optimizer: "schedule-free" },
  "adamw, 0.001 (default)": { optimizer: "adamw" },
  "nesterov 0.9, 0.01 (default)": { optimizer: "nesterov" },
  "adam, 0.001, with back-off": { optimizer: "adam", backOff: true },
};

const experts = {
  sgd: [0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
  momentum: [0.001, 0.003, 0.01, 0.03, 0.1],
  adam: [0.0001, 0.0003, 0.001, 0.003, 0.01],
} as const;

type Expert = keyof typeof experts;

const expertNames = Object.keys(experts) as Expert[];
const policies = ["lr-over-tau", "delay-compensated"] as const;

interface Measured {
  readonly runs: readonly Run[];
  /** Of the search for learning rates. */
  readonly searched: readonly Run[];
}

export async function staleness({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const chosen = quick ? problems.slice(0, 1).map((problem) => ({ ...problem, maxUpdates: 100 })) : problems;
  const measured: Measured[] = [];
  for (const problem of chosen) measured.push(await measureProblem(problem, quick, cells));
  const runs = measured.flatMap((part) => part.runs);
  return {
    parameters: { seeds, gridSeed, problems: chosen, model: "mlp", data: "mnist", experts },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [againstExpert(chosen, runs), ...chosen.map((problem) => updatesToTarget(problem, runs))],
    details: { runs, searched: measured.flatMap((part) => part.searched) },
  };
}

async function measureProblem(
  { batchSize, maxUpdates, targets, title }: Problem,
  quick: boolean,
  cells: Cells,
): Promise<Measured> {
  const measure = async (
    contender: string,
    setting: Setting,
    options: OptionsInput,
    seed: number,
  ): Promise<Run> => {
    const all: OptionsInput = { ...setting.options, ...options, batchSize, seed, model: "mlp", maxUpdates };
    const { learningRate = null } = options;
    const told = `${title}, ${contender}, ${setting.title}, seed ${seed}`;
    const outcome = await simulate(cells, told, targets, all);
    return { ...outcome, problem: title, contender, setting: setting.title, seed, learningRate };
  };
  const overSeeds = (contender: string, setting: Setting, options: OptionsInput) =>
    onSpareCores(
      quick ? [1] : seeds,
      () => 1,
      (seed) => measure(contender, setting, options, seed),
    );

  const runs: Run[] = [];
  const searched: Run[] = [];
  const ratesAlone = new Map<Expert, number>();
  for (const setting of quick ? settings.slice(0, 2) : settings) {
    for (const [name, options] of Object.entries(fixed).slice(0, quick ? 1 : undefined)) {
      runs.push(...(await overSeeds(name, setting, options)));
    }
    for (const optimizer of quick ? [] : expertNames) {
      const grid = await onSpareCores(
        experts[optimizer],
        () => 1,
        (learningRate) =>
          measure(`${optimizer}, ${learningRate}`, setting, { optimizer, learningRate }, gridSeed),
      );
      searched.push(...grid);
      const best = grid.reduce((a, b) => (better(b, a) ? b : a)).learningRate as number;
      if (!ratesAlone.has(optimizer)) ratesAlone.set(optimizer, best);
      const rateAlone = ratesAlone.get(optimizer) as number;
      runs.push(...(await overSeeds(retuned(optimizer), setting, { optimizer, learningRate: best })));
      const once = `${optimizer}, tuned for ${alone}`;
      runs.push(...(await overSeeds(once, setting, { optimizer, learningRate: rateAlone })));
      const stale = optimizer === "sgd" && setting.options.mode !== "serial";
      for (const stalenessPolicy of stale ? policies : []) {
        const options = { optimizer, learningRate: rateAlone, stalenessPolicy } as const;
        runs.push(...(await overSeeds(`${once}, ${stalenessPolicy}`, setting, options)));
      }
    }
  }
  return { runs, searched };
}

/** By the first target, then by the loss at the end. */
function better(a: Outcome, b: Outcome): boolean {
  const [mine, yours] = [a, b].map(({ reached }) => reached[0] ?? Number.POSITIVE_INFINITY);
  return mine === yours ? a.finalLoss < b.finalLoss : mine < yours;
}
