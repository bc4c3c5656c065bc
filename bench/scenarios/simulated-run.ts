/** A training run whose order does not depend on time, in the updates that it needs to a loss. */
import { type OptionsInput, train, YfError } from "../../src/index.ts";

export interface Outcome {
  /** Updates to each target, null for not reached. */
  readonly reached: readonly (number | null)[];
  readonly testAccuracy: number;
  /** Mean loss of the last 100 updates. */
  readonly finalLoss: number;
  readonly stalenessMean: number | null;
  readonly stalenessMax: number | null;
}

/** Updates behind one point of the curve of losses. */
const block = 50;

/** @param targets Mean losses of 100 updates in a row that are to be reached. */
export async function trainTo(targets: readonly number[], options: OptionsInput): Promise<Outcome> {
  try {
    const { lossCurve, summary } = await train({ ...options, model: options.model ?? "mlp" });
    const means = lossCurve.slice(1).map((loss, i) => (loss + lossCurve[i]) / 2);
    return {
      reached: targets.map((target) => {
        const first = means.findIndex((mean) => mean <= target);
        return first < 0 ? null : block * (first + 2);
      }),
      testAccuracy: summary.testAccuracy ?? 0,
      finalLoss: means.at(-1) ?? Number.MAX_VALUE,
      stalenessMean: summary.staleness.mean,
      stalenessMax: summary.staleness.max,
    };
  } catch (error) {
    // A rate far too large ends in numbers that are not finite: a result, not an accident.
    if (!(error instanceof YfError && error.code === "NON_FINITE")) throw error;
    const reached = targets.map(() => null);
    return { reached, testAccuracy: 0, finalLoss: Number.MAX_VALUE, stalenessMean: null, stalenessMax: null };
  }
}

/** Whether the loss ended as high as at chance of ten classes, or the run not at all. */
export const diverged = ({ finalLoss }: Outcome): boolean => !(finalLoss < Math.log(10));

export const written = ({ reached }: Outcome): string => reached.map((updates) => updates ?? "–").join(" / ");

/** Two at a time: runs on one thread each do not depend on each other. */
export async function inPairs<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 2) {
    results.push(...(await Promise.all(items.slice(i, i + 2).map(run))));
  }
  return results;
}
