/**
 * Whether the ramp of the optimizer `auto` ever leaves a net that learns no more: two hundred seeded runs with many
 * simulated workers, long enough for the ramp, its end and what follows.
 *
 * The seeds are none that anything was chosen on.
 */
import { CellStore } from "../harness/cell-store.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { inPairs, type Outcome, trainTo } from "./simulated-run.ts";

const seeds = Array.from({ length: 25 }, (_, i) => 101 + i);

interface Cell {
  readonly title: string;
  readonly model: "lenet" | "mlp";
  readonly maxUpdates: number;
  readonly simulateWorkers: number;
  readonly mode: "timed" | "random-worker";
}

const problems = [
  { title: "LeNet", model: "lenet", maxUpdates: 600 },
  { title: "MLP", model: "mlp", maxUpdates: 800 },
] as const;

const cells: readonly Cell[] = problems.flatMap((problem) =>
  [16, 32].flatMap((simulateWorkers) =>
    (["timed", "random-worker"] as const).map((mode) => ({ ...problem, simulateWorkers, mode })),
  ),
);

interface Run extends Outcome, Cell {
  readonly seed: number;
}

/** Half of the loss of a guess among ten classes: a net that learns is below it long before a run ends. */
const stuckLoss = Math.log(10) / 2;

const isStuck = ({ finalLoss }: Outcome): boolean => !(finalLoss < stuckLoss);

export async function autoSafety({ quick, log }: ScenarioOptions): Promise<ScenarioResult> {
  const store = quick ? null : new CellStore<Outcome>("auto-safety");
  const runs: Run[] = [];
  // Seed by seed, so that an interrupted benchmark has seen every cell.
  for (const seed of quick ? seeds.slice(0, 1) : seeds) {
    const measured = await inPairs(quick ? cells.slice(-1) : cells, async (cell): Promise<Run> => {
      const { maxUpdates, mode, model, simulateWorkers, title } = cell;
      const length = quick ? 100 : maxUpdates;
      const all = {
        optimizer: "auto",
        model,
        mode,
        simulateWorkers,
        workers: 1,
        seed,
        maxUpdates: length,
      } as const;
      const once = () => trainTo([], all);
      const outcome = await (store?.get(JSON.stringify(all), once) ?? once());
      log(
        `${title}, ${simulateWorkers} workers, ${mode}, seed ${seed}: loss ${outcome.finalLoss.toFixed(3)}`,
      );
      return { ...outcome, ...cell, seed };
    });
    runs.push(...measured);
  }
  return {
    parameters: { seeds, problems, batchSize: 64, data: "mnist", stuckLoss },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [table(runs)],
    details: { runs },
  };
}

function table(runs: readonly Run[]): FigureTable {
  const stuck = runs.filter(isStuck).length;
  const row = (name: string, of: readonly Run[]) => {
    const losses = statisticsOf(of.map(({ finalLoss }) => finalLoss));
    const accuracies = statisticsOf(of.map(({ testAccuracy }) => 100 * testAccuracy));
    return [
      name,
      `${of.filter(isStuck).length} of ${of.length}`,
      `${losses.median.toFixed(3)} (${losses.max.toFixed(3)})`,
      `${accuracies.median.toFixed(2)} (${accuracies.min.toFixed(2)})`,
    ];
  };
  return {
    title:
      `The optimizer auto on MNIST, seeds ${runs[0].seed} to ${runs[runs.length - 1].seed}: ${stuck} of ${runs.length} runs stuck, ` +
      `that is with a mean loss of the last 100 updates not below ${stuckLoss.toFixed(2)}`,
    columns: ["", "stuck", "loss, median (largest)", "test accuracy in %, median (least)"],
    rows: [
      ...cells
        .map((cell) => ({
          name: `${cell.title}, ${cell.simulateWorkers} workers, ${cell.mode}, ${cell.maxUpdates} updates`,
          of: runs.filter(
            (run) =>
              run.model === cell.model &&
              run.simulateWorkers === cell.simulateWorkers &&
              run.mode === cell.mode,
          ),
        }))
        .filter(({ of }) => of.length > 0)
        .map(({ name, of }) => row(name, of)),
      row("all", runs),
    ],
  };
}
