/**
 * What a finished run reports: the type, and the one line of JSON that `--json` prints.
 *
 * The first keys, their order and their nesting are a promise to scripts; more keys may follow them.
 */
import type { TrainSettings } from "../options/parse.ts";
import type { StalenessSummary } from "./staleness.ts";

/** Momenta at the end of a run; null where there is none or it was not measured. */
export interface MomentumSummary {
  /** What the tuner aimed at, algorithmic and asynchronous together. */
  readonly target: number | null;
  /** Measured. */
  readonly total: number | null;
  /** Applied by the workers. */
  readonly algorithmic: number | null;
}

export interface Summary {
  /** Applied, all workers together. */
  readonly updates: number;
  /** From the call to its end: start, training, evaluation. */
  readonly seconds: number;
  /** Updates and examples per second of training. */
  readonly updatesPerSecond: number | null;
  readonly examplesPerSecond: number | null;
  /** Mean loss of the last minibatches. */
  readonly trainLoss: number | null;
  /** On the whole test set with the final parameters. */
  readonly testLoss: number | null;
  /** In [0, 1]. */
  readonly testAccuracy: number | null;
  readonly staleness: StalenessSummary;
  readonly momentum: MomentumSummary;
  readonly learningRate: number | null;
  readonly workers: number;
  readonly mode: TrainSettings["mode"];
  readonly engine: TrainSettings["engine"];
  readonly optimizer: TrainSettings["optimizer"];
  readonly seed: number;
  /** From the call to the first update of any worker: threads, trace, programs. */
  readonly startupSeconds: number;
  /** From the call until every worker had made an update; null when one made none. */
  readonly readySeconds: number | null;
  /** From the first update to the last. */
  readonly trainingSeconds: number;
  /** Spent on evaluations, part of it while training went on. */
  readonly evaluationSeconds: number;
  readonly epochs: number;
  /** Gradients that were not finite and were left out. */
  readonly skippedGradients: number;
  /** Why the run ended, such as "completed" or "time". */
  readonly stopReason: string;
  /** Name of a built-in model, of a loss and of a named data set; null where the user gave their own. */
  readonly model: string | null;
  readonly loss: string | null;
  readonly data: string | null;
  readonly batchSize: number;
  /** Seconds that all workers together spent in each phase of an update. */
  readonly phaseSeconds: Readonly<Record<string, number>>;
}

/** Keys in the order in which they are printed. */
const keys = [
  "updates",
  "seconds",
  "updatesPerSecond",
  "examplesPerSecond",
  "trainLoss",
  "testLoss",
  "testAccuracy",
  "staleness",
  "momentum",
  "learningRate",
  "workers",
  "mode",
  "engine",
  "optimizer",
  "seed",
  "startupSeconds",
  "readySeconds",
  "trainingSeconds",
  "evaluationSeconds",
  "epochs",
  "skippedGradients",
  "stopReason",
  "model",
  "loss",
  "data",
  "batchSize",
  "phaseSeconds",
] as const satisfies readonly (keyof Summary)[];

/** One line of JSON, without a line break; null stands for what was not measured or is not finite. */
export function summaryJson(summary: Summary): string {
  const { staleness, momentum } = summary;
  const nested = {
    staleness: pick(staleness, ["mean", "p50", "p90", "max"]),
    momentum: pick(momentum, ["target", "total", "algorithmic"]),
  };
  return JSON.stringify(pick({ ...summary, ...nested }, keys));
}

function pick<T extends object, K extends keyof T>(record: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, record[name]])) as Pick<T, K>;
}
