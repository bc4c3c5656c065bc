/** Runs every cell of a grid with every seed, on as many cores as are spare, and never one that is finished already. */
import { YfError } from "../errors.ts";
import { usableCores } from "../machine/machine.ts";
import type { OptionsInput } from "../options/table.ts";
import { train } from "../train.ts";
import type { FinishedCells } from "./finished-cells.ts";
import type { CellOptions, Grid } from "./grid-file.ts";
import { onSpareCores } from "./on-spare-cores.ts";
import { updatesToLoss } from "./updates-to-loss.ts";

/** What came of one cell with one seed. Null stands for what was not measured, or not finite. */
export interface GridRun {
  /** What the grid varies, by option. */
  readonly varied: CellOptions;
  readonly seed: number;
  /** False where numbers were no longer finite. */
  readonly finite: boolean;
  /** Updates to each target, null for one that was not reached. */
  readonly updatesToTarget: readonly (number | null)[];
  readonly trainLoss: number | null;
  readonly testLoss: number | null;
  /** In [0, 1]. */
  readonly testAccuracy: number | null;
  readonly stalenessMean: number | null;
  /** Of all workers, while other runs may have had other cores. */
  readonly updatesPerSecond: number | null;
}

export interface GridRunOptions {
  readonly finished: FinishedCells;
  /** Stops the running runs, and starts no more. */
  readonly signal: AbortSignal;
  /** To use in all; default all there are. */
  readonly cores?: number;
  /** Called for each run that has ended. @param measured False for one that was finished before. */
  readonly onRun?: (run: GridRun, measured: boolean) => void;
}

/**
 * @returns Cell by cell, seed by seed.
 * @throws {YfError} Of the first run that fails for another reason than numbers that are not finite.
 * @throws The signal's reason when it was aborted; finished runs are kept.
 */
export function runGrid(
  { cells, seeds, targets }: Grid,
  { cores = usableCores(), finished, onRun, signal }: GridRunOptions,
): Promise<GridRun[]> {
  const runs = cells.flatMap((cell) => seeds.map((seed) => ({ cell, seed })));
  return onSpareCores(
    runs,
    ({ cell }) => cell.workers,
    async ({ cell, seed }) => {
      signal.throwIfAborted();
      const { options, varied } = cell;
      const key = JSON.stringify({ ...options, seed, targets });
      const known = finished.has(key);
      const outcome = await finished.get(key, () => runOnce({ ...options, seed }, targets, signal));
      const run = { varied, seed, ...outcome };
      onRun?.(run, !known);
      return run;
    },
    cores,
  );
}

type Outcome = Omit<GridRun, "varied" | "seed">;

async function runOnce(
  options: CellOptions,
  targets: readonly number[],
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const { lossCurve, summary } = await train({
      // A rate that diverges shall show it, and not be halved.
      maxRollbacks: 0,
      ...(options as OptionsInput),
      model: (options as OptionsInput).model ?? "lenet",
      signal,
    });
    signal.throwIfAborted();
    return {
      finite: true,
      updatesToTarget: targets.map((target) => updatesToLoss(lossCurve, target)),
      trainLoss: summary.trainLoss,
      testLoss: summary.testLoss,
      testAccuracy: summary.testAccuracy,
      stalenessMean: summary.staleness.mean,
      updatesPerSecond: summary.updatesPerSecond,
    };
  } catch (error) {
    // A rate far too large ends in numbers that are not finite: a result, not an accident.
    if (!(error instanceof YfError && error.code === "NON_FINITE")) throw error;
    return {
      finite: false,
      updatesToTarget: targets.map(() => null),
      trainLoss: null,
      testLoss: null,
      testAccuracy: null,
      stalenessMean: null,
      updatesPerSecond: null,
    };
  }
}
