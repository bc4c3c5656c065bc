/** Training runs whose order does not depend on time, in the updates that they need to a loss. */
import { smoothedLosses, updatesToLoss } from "../../src/grid/updates-to-loss.ts";
import { type OptionsInput, train, YfError } from "../../src/index.ts";
import type { Cells } from "../harness/cells.ts";

export interface Outcome {
  /** Updates to each target, null for not reached. */
  readonly reached: readonly (number | null)[];
  readonly testAccuracy: number;
  /** Mean loss of the last 100 updates. */
  readonly finalLoss: number;
  readonly stalenessMean: number | null;
  readonly stalenessMax: number | null;
  /** Mean losses of 50 updates each, to four digits; shorter where a run ended early. */
  readonly lossCurve: readonly number[];
}

/**
 * One run on one thread, as a cell.
 *
 * @param targets Mean losses of 100 updates in a row that are to be reached.
 */
export function simulate(
  cells: Cells,
  title: string,
  targets: readonly number[],
  options: OptionsInput,
): Promise<Outcome> {
  const all = { ...options, workers: 1 };
  return cells.get(title, { ...all, targets }, () => trainTo(targets, all, cells.signal), written);
}

async function trainTo(
  targets: readonly number[],
  options: OptionsInput,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const { lossCurve, summary } = await train({ ...options, model: options.model ?? "mlp", signal });
    return {
      reached: targets.map((target) => updatesToLoss(lossCurve, target)),
      testAccuracy: summary.testAccuracy ?? 0,
      finalLoss: smoothedLosses(lossCurve).at(-1) ?? Number.MAX_VALUE,
      stalenessMean: summary.staleness.mean,
      stalenessMax: summary.staleness.max,
      lossCurve: lossCurve.map((loss) => Number(loss.toPrecision(4))),
    };
  } catch (error) {
    // A rate far too large ends in numbers that are not finite: a result, not an accident.
    if (!(error instanceof YfError && error.code === "NON_FINITE")) throw error;
    const reached = targets.map(() => null);
    return {
      reached,
      testAccuracy: 0,
      finalLoss: Number.MAX_VALUE,
      stalenessMean: null,
      stalenessMax: null,
      lossCurve: [],
    };
  }
}

/** Whether the loss ended as high as at chance of ten classes, or the run not at all. */
export const diverged = ({ finalLoss }: Outcome): boolean => !(finalLoss < Math.log(10));

const written = ({ reached }: Outcome): string => reached.map((updates) => updates ?? "–").join(" / ");
