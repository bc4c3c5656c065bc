/**
 * Whether the ramp of the optimizer `auto` ever leaves a net that learns no more: two hundred seeded runs with many
 * simulated workers, long enough for the ramp, its end and what follows.
 *
 * The seeds are none that anything was chosen on.
 */
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { type Outcome, simulate } from "./simulated-run.ts";

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

export async function autoSafety({ cells: measured, quick }: ScenarioOptions): Promise<ScenarioResult> {
  const [chosenSeeds, chosenCells] = quick ? [seeds.slice(0, 2), cells.slice(-4)] : [seeds, cells];
  // Seed by seed, so that an interrupted benchmark has seen every cell.
  const planned = chosenSeeds.flatMap((seed) => chosenCells.map((cell) => ({ ...cell, seed })));
  measured.plan(planned.length);
  const runs = await onSpareCores(
    planned,
    () => 1,
    async (run): Promise<Run> => {
      const { maxUpdates, mode, model, seed, simulateWorkers, title } = run;
      const options = { optimizer: "auto", model, mode, simulateWorkers, seed, maxUpdates } as const;
      const name = `${title}, ${simulateWorkers} workers, ${mode}, seed ${seed}`;
      return { ...(await simulate(measured, name, [], options)), ...run };
    },
  );
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
