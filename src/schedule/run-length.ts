/** How long a run may get, in minibatches and updates of all workers together. */
import { gradientsPerUpdate } from "./create-schedule.ts";

export interface RunLength {
  /** Minibatches to hand out; the largest exact integer for no limit. */
  readonly maxMinibatches: number;
  /** Limit of updates; null for none. */
  readonly totalUpdates: number | null;
  /** Updates in one pass over the training examples; may be a fraction. */
  readonly updatesPerEpoch: number;
}

/** The parts of a run's spec that decide it. */
export interface RunLimits {
  readonly batching: { readonly batchSize: number };
  readonly interleaving: { readonly mode: string; readonly simulateWorkers: number };
  readonly stopping: { readonly epochs: number | null; readonly maxUpdates: number | null };
}

/** @param examples Number of training examples, ≥ 1. */
export function runLength({ batching, interleaving, stopping }: RunLimits, examples: number): RunLength {
  const { batchSize } = batching;
  const { epochs, maxUpdates } = stopping;
  const perUpdate = gradientsPerUpdate(interleaving.mode, interleaving.simulateWorkers);
  const byEpochs = epochs === null ? Number.MAX_SAFE_INTEGER : Math.ceil((epochs * examples) / batchSize);
  const byUpdates = (maxUpdates ?? Number.MAX_SAFE_INTEGER) * perUpdate;
  const maxMinibatches = Math.min(Number.MAX_SAFE_INTEGER, byEpochs, byUpdates);
  return {
    maxMinibatches,
    totalUpdates: maxMinibatches === Number.MAX_SAFE_INTEGER ? null : Math.ceil(maxMinibatches / perUpdate),
    updatesPerEpoch: examples / (batchSize * perUpdate),
  };
}
