/**
 * Updates until the training loss is low, by optimizer, number of workers and law of staleness: simulated workers, so
 * that every number can be had again to the bit on any machine with the same instructions.
 *
 * An MLP on MNIST at batch 64. Experts (SGD, momentum 0.9, Adam) have their learning rates searched on a seed that is not
 * counted: once for one worker, and anew for each number of workers and law. Everybody else runs with defaults.
 */
import type { OptionsInput } from "../../src/index.ts";
import { CellStore } from "../harness/cell-store.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { diverged, inPairs, type Outcome, trainTo, written } from "./simulated-run.ts";

const seeds = [1, 2, 3];
const gridSeed = 101;
const maxUpdates = 2_500;
/** Mean loss of 100 updates in a row that is to be reached. */
const targets = [0.25, 0.12];

interface Setting {
  readonly title: string;
  readonly options: OptionsInput;
}

const laws = { constant: "round-robin", random: "random-worker" } as const;

const settings: readonly Setting[] = [
  { title: "1", options: { mode: "serial" } },
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

interface Run extends Outcome {
  readonly contender: string;
  readonly setting: string;
  readonly seed: number;
  readonly learningRate: number | null;
}

export async function staleness({ quick, log }: ScenarioOptions): Promise<ScenarioResult> {
  const length = quick ? 100 : maxUpdates;
  const store = quick ? null : new CellStore<Outcome>("staleness");
  const measure = async (
    contender: string,
    setting: Setting,
    options: OptionsInput,
    seed: number,
  ): Promise<Run> => {
    const all: OptionsInput = { ...setting.options, ...options, seed, model: "mlp", maxUpdates: length };
    const once = () => trainTo(targets, all);
    const outcome = await (store?.get(JSON.stringify(all), once) ?? once());
    const { learningRate = null } = options;
    log(`${contender}, ${setting.title}, seed ${seed}: ${written(outcome)}`);
    return { ...outcome, contender, setting: setting.title, seed, learningRate };
  };
  const overSeeds = (contender: string, setting: Setting, options: OptionsInput) =>
    inPairs(quick ? [1] : seeds, (seed) => measure(contender, setting, options, seed));

  const runs: Run[] = [];
  const searched: Run[] = [];
  const ratesAlone = new Map<Expert, number>();
  for (const setting of quick ? settings.slice(0, 2) : settings) {
    for (const [name, options] of Object.entries(fixed).slice(0, quick ? 1 : undefined)) {
      runs.push(...(await overSeeds(name, setting, options)));
    }
    for (const optimizer of quick ? [] : expertNames) {
      const grid = await inPairs(experts[optimizer], (learningRate) =>
        measure(`${optimizer}, ${learningRate}`, setting, { optimizer, learningRate }, gridSeed),
      );
      searched.push(...grid);
      const best = grid.reduce((a, b) => (better(b, a) ? b : a)).learningRate as number;
      if (!ratesAlone.has(optimizer)) ratesAlone.set(optimizer, best);
      const rateAlone = ratesAlone.get(optimizer) as number;
      const retuned = await overSeeds(`${optimizer}, retuned for each`, setting, {
        optimizer,
        learningRate: best,
      });
      runs.push(...retuned);
      const once = `${optimizer}, tuned for one worker`;
      runs.push(...(await overSeeds(once, setting, { optimizer, learningRate: rateAlone })));
      for (const stalenessPolicy of optimizer === "sgd" && setting.options.mode !== "serial"
        ? policies
        : []) {
        const options = { optimizer, learningRate: rateAlone, stalenessPolicy } as const;
        runs.push(...(await overSeeds(`${once}, ${stalenessPolicy}`, setting, options)));
      }
    }
  }
  return {
    parameters: {
      seeds,
      gridSeed,
      maxUpdates: length,
      targets,
      model: "mlp",
      data: "mnist",
      batchSize: 64,
      experts,
    },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [updatesToTarget(runs), accuracies(runs)],
    details: { runs, searched },
  };
}

/** By the first target, then by the loss at the end. */
function better(a: Outcome, b: Outcome): boolean {
  const [mine, yours] = [a, b].map(({ reached }) => reached[0] ?? Number.POSITIVE_INFINITY);
  return mine === yours ? a.finalLoss < b.finalLoss : mine < yours;
}

const namesOf = (runs: readonly Run[]) => [...new Set(runs.map(({ contender }) => contender))];
const titlesOf = (runs: readonly Run[]) => [...new Set(runs.map(({ setting }) => setting))];

/** Median over the seeds of updates to a target, a missed one counted as the whole run. */
function medianUpdates(runs: readonly Run[], contender: string, setting: string, target: number): number {
  const cell = runs.filter((run) => run.contender === contender && run.setting === setting);
  return statisticsOf(cell.map(({ reached }) => reached[target] ?? maxUpdates)).median;
}

function updatesToTarget(runs: readonly Run[]): FigureTable {
  const titles = titlesOf(runs);
  const cellText = (contender: string, setting: string) => {
    const cell = runs.filter((run) => run.contender === contender && run.setting === setting);
    if (cell.length === 0) return "";
    const lost = cell.filter(diverged).length;
    const texts = targets.map((_, i) =>
      cell.some(({ reached }) => reached[i] === null) ? "–" : `${medianUpdates(runs, contender, setting, i)}`,
    );
    return `${texts.join(" / ")}${lost === 0 ? "" : `, ${lost} diverged`}`;
  };
  return {
    title:
      `Updates until the mean loss of 100 updates is ${targets.join(" / ")}, median of the seeds; “–” if a seed missed it ` +
      `within ${maxUpdates}; last column: first target over all settings with several workers, geometric mean, best ` +
      "retuned expert = 1, a missed target counted as the whole run",
    columns: ["", ...titles.map((title) => (title === "1" ? "1 worker" : title)), "× expert"],
    rows: namesOf(runs).map((contender) => [
      contender,
      ...titles.map((title) => cellText(contender, title)),
      againstExpert(runs, contender),
    ]),
  };
}

function againstExpert(runs: readonly Run[], contender: string): string {
  const retuned = namesOf(runs).filter((name) => name.endsWith("retuned for each"));
  const several = titlesOf(runs).filter((title) => title !== "1");
  if (retuned.length === 0 || several.length === 0) return "";
  const logs = several.map((title) => {
    const expert = Math.min(...retuned.map((name) => medianUpdates(runs, name, title, 0)));
    return Math.log(medianUpdates(runs, contender, title, 0) / expert);
  });
  return Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length).toFixed(2);
}

function accuracies(runs: readonly Run[]): FigureTable {
  const titles = titlesOf(runs);
  return {
    title: `Test accuracy after ${maxUpdates} updates, in %: median of the seeds (least)`,
    columns: ["", ...titles.map((title) => (title === "1" ? "1 worker" : title))],
    rows: namesOf(runs).map((contender) => [
      contender,
      ...titles.map((title) => {
        const cell = runs.filter((run) => run.contender === contender && run.setting === title);
        if (cell.length === 0) return "";
        const { median, min } = statisticsOf(cell.map(({ testAccuracy }) => 100 * testAccuracy));
        return `${median.toFixed(2)} (${min.toFixed(2)})`;
      }),
    ]),
  };
}
