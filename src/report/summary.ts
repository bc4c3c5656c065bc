/**
 * What a finished run reports: the type, and the one line of JSON that `--json` prints.
 *
 * The first keys, their order and their nesting are a promise to scripts; more keys may follow them.
 */
import type { DataDescription } from "../formats/data-description.ts";
import type { RunSpec } from "../options/run-spec.ts";
import type { StalenessSummary } from "./staleness.ts";

/** Momenta at the end of a run; null where there is none or it was not measured. */
export interface MomentumSummary {
  /** What the tuner aimed at, algorithmic and asynchronous together. */
  readonly target: number | null;
  /** Measured. */
  readonly total: number | null;
  /** Applied by the workers. */
  readonly algorithmic: number | null;
  /** Total less algorithmic: what asynchrony was measured to add, implicit momentum. */
  readonly asynchronous: number | null;
  /**
   * 1 − 1/M, what M workers that finish at random would add of their own; 0 in modes without staleness.
   *
   * Source: Mitliagkas, Zhang, Hadjis, Ré, "Asynchrony begets Momentum", arXiv:1605.09774, Theorem 3.
   */
  readonly predictedAsynchronous: number;
}

/** What a finished run reports. */
export interface Summary {
  /** Applied, all workers together. */
  readonly updates: number;
  /** From the call to its end: start, training, evaluation. */
  readonly seconds: number;
  /** Of training, all workers together. */
  readonly updatesPerSecond: number | null;
  /** Of training, all workers together. */
  readonly examplesPerSecond: number | null;
  /** Mean loss of the last minibatches. */
  readonly trainLoss: number | null;
  /** On the whole test set with the final parameters. */
  readonly testLoss: number | null;
  /** In [0, 1]. */
  readonly testAccuracy: number | null;
  /** Updates between a gradient's read and its write. */
  readonly staleness: StalenessSummary;
  /** The three momenta at the end. */
  readonly momentum: MomentumSummary;
  /** α at the end, every factor included. */
  readonly learningRate: number | null;
  /** Threads. */
  readonly workers: number;
  /** As in the options. */
  readonly mode: RunSpec["interleaving"]["mode"];
  /** As in the options. */
  readonly engine: RunSpec["target"]["engine"];
  /** As in the options. */
  readonly device: RunSpec["target"]["device"];
  /** As in the options. */
  readonly optimizer: RunSpec["optimizer"]["optimizer"];
  /** As in the options. */
  readonly seed: number;
  /** From the call to the first update of any worker: threads, trace, programs. */
  readonly startupSeconds: number;
  /** From the call until every worker had made an update; null when one made none. */
  readonly readySeconds: number | null;
  /** From the first update to the last. */
  readonly trainingSeconds: number;
  /** Spent on evaluations, part of it while training continued. */
  readonly evaluationSeconds: number;
  /** Passes over the training examples, all workers together; not rounded. */
  readonly epochs: number;
  /** Gradients that were not finite and were left out. */
  readonly skippedGradients: number;
  /** Gradients that were too stale and were computed anew. */
  readonly droppedGradients: number;
  /** Why the run ended, such as "completed" or "time". */
  readonly stopReason: string;
  /** Name of the built-in model, null for one of the user's. */
  readonly model: string | null;
  /** Name of the loss, null for a function. */
  readonly loss: string | null;
  /** Name of the data set, null for arrays. */
  readonly data: string | null;
  /** Options that say how the data were read, as they were given. */
  readonly dataOptions: Readonly<Record<string, unknown>>;
  /** Examples in one minibatch. */
  readonly batchSize: number;
  /** Workers that a schedule simulated, null where threads were the workers. */
  readonly simulatedWorkers: number | null;
  /** Seconds that all workers together spent in each phase of an update. */
  readonly phaseSeconds: Readonly<Record<string, number>>;
  /** Gradients that were applied and that the tuner never saw, as it had not kept up. */
  readonly missedObservations: number;
  /** Examples in the training set. */
  readonly trainingExamples: number;
  /** Updates behind the weights that are the result: fewer than {@link updates} where the best were kept. */
  readonly keptUpdates: number;
  /** Worker threads that failed and were replaced. */
  readonly faults: number;
  /** Times that the model diverged and the run went back, with half the learning rate each time. */
  readonly rollbacks: number;
  /** What could be done better, as far as the run's own numbers tell: a sentence each, often none. */
  readonly advice: readonly string[];
  /** What was read and what is trained, in one line. */
  readonly dataRead: string;
  /** What was assumed, replaced or left out when the data were read, and what is probably a mistake in them. */
  readonly dataNotes: readonly string[];
  /** What each input and output of the model stands for. */
  readonly dataDescription: DataDescription;
  /** The metric that is monitored, by its name, on the whole test set; nothing where none is. */
  readonly testMetrics: Readonly<Record<string, number>>;
}

/** `count` is always there; `number` and `name` may be null; `numbers` is an object of numbers, `values` one of anything. */
type Kind = "count" | "number" | "text" | "name" | "numbers" | "texts" | "values";

/** What each key holds, in the order in which they are printed. */
export const summaryKinds = {
  updates: "count",
  seconds: "count",
  updatesPerSecond: "number",
  examplesPerSecond: "number",
  trainLoss: "number",
  testLoss: "number",
  testAccuracy: "number",
  staleness: "numbers",
  momentum: "numbers",
  learningRate: "number",
  workers: "count",
  mode: "text",
  engine: "text",
  device: "text",
  optimizer: "text",
  seed: "count",
  startupSeconds: "count",
  readySeconds: "number",
  trainingSeconds: "count",
  evaluationSeconds: "count",
  epochs: "count",
  skippedGradients: "count",
  droppedGradients: "count",
  stopReason: "text",
  model: "name",
  loss: "name",
  data: "name",
  batchSize: "count",
  simulatedWorkers: "number",
  phaseSeconds: "numbers",
  missedObservations: "count",
  trainingExamples: "count",
  keptUpdates: "count",
  faults: "count",
  rollbacks: "count",
  advice: "texts",
  dataOptions: "values",
  dataRead: "text",
  dataNotes: "texts",
  dataDescription: "values",
  testMetrics: "numbers",
} as const satisfies Record<keyof Summary, Kind>;

const keys = Object.keys(summaryKinds) as (keyof Summary)[];

/**
 * One line of JSON, without a line break; null stands for what was not measured or is not finite.
 *
 * @param more What else a reader needs to know, after the summary's own keys.
 */
export function summaryJson(summary: Summary, more: Readonly<Record<string, unknown>> = {}): string {
  const { staleness, momentum } = summary;
  const nested = {
    staleness: pick(staleness, ["mean", "p50", "p90", "max"]),
    momentum: pick(momentum, ["target", "total", "algorithmic", "predictedAsynchronous", "asynchronous"]),
  };
  return JSON.stringify({ ...pick({ ...summary, ...nested }, keys), ...more });
}

function pick<T extends object, K extends keyof T>(record: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, record[name]])) as Pick<T, K>;
}
