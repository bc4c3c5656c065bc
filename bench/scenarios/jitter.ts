/**
 * What minibatches of random sizes do for sixteen equal workers: updates until the training loss is low, at equal examples
 * per update, with simulated step times that are proportional to the size of a minibatch (mode `timed`).
 *
 * Workers drawn at random (`random-worker`) stand beside them: the most that randomness could do.
 */

import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import type { OptionsInput } from "../../src/index.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { type Outcome, simulate } from "./simulated-run.ts";

const seeds = [1, 2, 3, 4, 5];
const simulateWorkers = 16;

interface Problem {
  readonly title: string;
  readonly model: "mlp" | "lenet";
  readonly maxUpdates: number;
  readonly targets: readonly number[];
}

const problems: readonly Problem[] = [
  { title: "MLP", model: "mlp", maxUpdates: 3_000, targets: [0.25, 0.12] },
  { title: "LeNet", model: "lenet", maxUpdates: 4_000, targets: [0.15, 0.08] },
];

const laws: Readonly<Record<string, OptionsInput>> = {
  "equal minibatches": { mode: "timed", batchJitter: "none" },
  "two sizes": { mode: "timed", batchJitter: "two" },
  exponential: { mode: "timed", batchJitter: "exponential" },
  "equal minibatches, random workers": { mode: "random-worker", batchJitter: "none" },
};

interface Run extends Outcome {
  readonly problem: string;
  readonly law: string;
  readonly seed: number;
}

export async function jitter({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const runs: Run[] = [];
  cells.plan(quick ? 4 : problems.length * Object.keys(laws).length * seeds.length);
  for (const { maxUpdates, model, targets, title } of quick ? problems.slice(0, 1) : problems) {
    for (const [law, options] of Object.entries(laws)) {
      const measured = await onSpareCores(
        quick ? [1] : seeds,
        () => 1,
        async (seed): Promise<Run> => {
          const length = quick ? 100 : maxUpdates;
          const all = { ...options, model, simulateWorkers, seed, maxUpdates: length };
          const outcome = await simulate(cells, `${title}, ${law}, seed ${seed}`, targets, all);
          return { ...outcome, problem: title, law, seed };
        },
      );
      runs.push(...measured);
    }
  }
  return {
    parameters: { seeds, simulateWorkers, problems, batchSize: 64, optimizer: "yellowfin, closed loop" },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: problems.slice(0, quick ? 1 : undefined).map((problem) => table(problem, runs)),
    details: { runs },
  };
}

function table({ maxUpdates, targets, title }: Problem, runs: readonly Run[]): FigureTable {
  const cellsOf = (law: string) => runs.filter((run) => run.problem === title && run.law === law);
  const median = (law: string, target: number) =>
    statisticsOf(cellsOf(law).map(({ reached }) => reached[target] ?? maxUpdates)).median;
  const equal = Object.keys(laws)[0];
  return {
    title:
      `${title}: updates until the mean loss of 100 updates is ${targets.join(" / ")}, median of the seeds, one that missed ` +
      `it counted as ${maxUpdates}; “×” is how many times fewer than with equal minibatches`,
    columns: ["", ...targets.flatMap((target) => [`to ${target}`, "×"]), "missed", "staleness, mean … max"],
    rows: Object.keys(laws).map((law) => {
      const cells = cellsOf(law);
      const missed = targets.map((_, i) => cells.filter(({ reached }) => reached[i] === null).length);
      const staleness = cells.map(({ stalenessMax, stalenessMean }) => [
        stalenessMean ?? 0,
        stalenessMax ?? 0,
      ]);
      const mean = statisticsOf(staleness.map(([value]) => value)).median.toFixed(1);
      return [
        law,
        ...targets.flatMap((_, i) => [`${median(law, i)}`, (median(equal, i) / median(law, i)).toFixed(2)]),
        missed.join(" / "),
        `${mean} … ${Math.max(...staleness.map(([, max]) => max))}`,
      ];
    }),
  };
}
