/** Training runs whose order does not depend on time, in the updates that they need to a loss. */
import { smoothedLosses, updatesToLoss } from "../../src/grid/updates-to-loss.ts";
import { type OptionsInput, train, YfError } from "../../src/index.ts";
import type { OrderedMode } from "../../src/schedule/create-schedule.ts";
import type { Cells } from "../harness/cells.ts";
import type { Check } from "../harness/scenario.ts";

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
  /** Updates by staleness, from 0 up to the stalest. */
  readonly stalenessCounts: readonly number[];
  /** Of training, start-up and evaluation not included; null where numbers were not finite. */
  readonly trainingSeconds: number | null;
}

/**
 * One run as a cell, on one thread unless the options say otherwise.
 *
 * @param targets Mean losses of 100 updates in a row that are to be reached.
 */
export function simulate(
  cells: Cells,
  title: string,
  targets: readonly number[],
  options: OptionsInput,
): Promise<Outcome> {
  const all = { workers: 1, ...options };
  return cells.get(title, { ...all, targets }, () => trainTo(targets, all, cells.signal), written);
}

/**
 * What every figure of a simulated schedule rests on: that it is the same on any number of threads.
 *
 * @throws {Error} If a short run has other losses on two threads than on one.
 */
export async function checkSchedules(...modes: readonly Exclude<OrderedMode, "replay">[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const mode of modes) {
    const claim = `${mode}, 8 simulated workers: the same bits on one thread and on two`;
    const options = { mode, simulateWorkers: 8, model: "logistic", maxUpdates: 100, batchSize: 16 } as const;
    const [one, two] = await Promise.all([1, 2].map((workers) => train({ ...options, workers })));
    const [a, b] = [one, two].map(({ lossCurve, model }) => [
      ...lossCurve,
      ...model.getWeights().flatMap((weight) => [...weight.dataSync()]),
    ]);
    for (const { model } of [one, two]) model.dispose();
    if (a.length !== b.length || !a.every((value, i) => Object.is(value, b[i]))) {
      throw new Error(`Cannot measure in mode ${mode}: its bits must not depend on threads`);
    }
    checks.push({ claim, error: 0, tolerance: 0 });
  }
  return checks;
}

async function trainTo(
  targets: readonly number[],
  options: OptionsInput,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const { lossCurve, stalenessCounts, summary } = await train({
      // A run that diverges counts as diverged, and does not continue with half its rate.
      maxRollbacks: 0,
      ...options,
      model: options.model ?? "mlp",
      signal,
    });
    return {
      reached: targets.map((target) => updatesToLoss(lossCurve, target)),
      testAccuracy: summary.testAccuracy ?? 0,
      finalLoss: smoothedLosses(lossCurve).at(-1) ?? Number.MAX_VALUE,
      stalenessMean: summary.staleness.mean,
      stalenessMax: summary.staleness.max,
      lossCurve: lossCurve.map((loss) => Number(loss.toPrecision(4))),
      stalenessCounts: stalenessCounts.slice(0, 1 + (summary.staleness.max ?? -1)),
      trainingSeconds: summary.trainingSeconds,
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
      stalenessCounts: [],
      trainingSeconds: null,
    };
  }
}

/** Whether the loss ended as high as at chance, or the run not at all. */
export const diverged = ({ finalLoss }: Pick<Outcome, "finalLoss">, classes = 10): boolean =>
  !(finalLoss < Math.log(classes));

const written = ({ reached }: Outcome): string => reached.map((updates) => updates ?? "–").join(" / ");
