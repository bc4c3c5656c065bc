/**
 * Where a run stands, in the numbers that people and log files see. Not measured is NaN while it may still come, null
 * where a run has no such number.
 */
export interface RunSnapshot {
  /** Of training, since the first worker was let go. */
  readonly seconds: number;
  /** Applied, all workers together. */
  readonly updates: number;
  /** Limit of {@link updates}, null for none. */
  readonly totalUpdates: number | null;
  /** Passes over the training examples, not rounded. */
  readonly epoch: number;
  /** Examples used, all workers together. */
  readonly examples: number;
  /** Over the last second or so. */
  readonly updatesPerSecond: number;
  /** Mean training loss over the last second or so, NaN before the first update. */
  readonly loss: number;
  /** Of the newest evaluation, null before the first. */
  readonly testLoss: number | null;
  /** In [0, 1]. */
  readonly testAccuracy: number | null;
  /** Updates between a gradient's read and its write, since the start of the run. */
  readonly stalenessMean: number;
  /** 90 of 100 updates had no more than this. */
  readonly stalenessP90: number;
  /** How many updates had which staleness since the start: 0, 1, … up to the stalest; the 513th bin counts all beyond. */
  readonly stalenessCounts: readonly number[];
  /** What the tuner aims at, algorithmic and asynchronous together. */
  readonly momentumTarget: number;
  /** Measured, NaN where it is not. */
  readonly momentumTotal: number;
  /** Applied by the workers. */
  readonly momentumAlgorithmic: number;
  /** 1 − 1/M, what M workers that finish at random add of their own; 0 where nothing is stale. */
  readonly momentumPredicted: number;
  /** α as applied, every factor included. */
  readonly learningRate: number;
  /** Gradients that were not finite and were left out. */
  readonly skippedGradients: number;
  /** Gradients that were too stale and were computed anew. */
  readonly droppedGradients: number;
  /** Gradients that were applied and that the tuner never saw, as it had not kept up. */
  readonly missedObservations: number;
  /** Worker threads that failed and were replaced. */
  readonly faults: number;
  /** Updates of each worker, by rank. */
  readonly workerUpdates: readonly number[];
  /** Mean staleness of each worker's updates, NaN before its first. */
  readonly workerStaleness: readonly number[];
  /** Seconds that each worker was at work; the rest of {@link seconds} it waited. */
  readonly workerBusySeconds: readonly number[];
  /** {@link faults} of each thread, by its rank; in the order of a schedule threads are not the workers. */
  readonly workerFaults: readonly number[];
}
