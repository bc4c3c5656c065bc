/** Phase 4, observe: what the tuner wants to know about a gradient. */
import type { Alignment } from "../kernels/kernels.ts";
import { gradientsPerUpdate } from "../schedule/create-schedule.ts";
import { clipScale } from "../tuner/clip-scale.ts";
import { gradientMeanDecay, type Hyperparameters, type Observation } from "../tuner/controller.ts";
import type { WorkerContext } from "./worker-context.ts";

const unaligned: Alignment = { alignment: 0, squaredDirection: 0 };

/**
 * Moves the shared gradient mean towards the worker's gradient, clipped to `observeClip`.
 *
 * @returns Of this gradient: |g|² and |EMA(g)|² after clipping, |g|² as a minibatch of mean size would have it, and how far
 *   from the start it was taken. Of the worker's update before: staleness and total momentum.
 */
export function observeGradient(
  worker: WorkerContext,
  rawSquaredNorm: number,
  hyperparameters: Hyperparameters,
): Observation {
  const { controller, gradient, kernels, memory, rank, rule, ruleVectors, slot } = worker;
  const scale = clipScale(rawSquaredNorm, hyperparameters.observeClip);
  const meanSquaredNorm = controller.needsGradientMean
    ? kernels.observe(gradient, memory.gradientMean, scale, gradientMeanDecay)
    : 0;
  const staleness = memory.updates.value - slot.readAt;
  const aligned =
    rule.align?.(kernels, memory.snapshot(rank), ruleVectors, gradient, hyperparameters, staleness) ??
    unaligned;
  // Here and in the tuner, results are written out: V8 puts copies that gain fields by spreading among its old objects, some
  // 100 MB of them a minute.
  return {
    squaredNorm: atMeanSize(worker, rawSquaredNorm * scale * scale, meanSquaredNorm),
    meanSquaredNorm,
    squaredDistance:
      rule.start === undefined ? 0 : kernels.squaredDistance(memory.snapshot(rank), ruleVectors[rule.start]),
    alignment: aligned.alignment,
    squaredDirection: aligned.squaredDirection,
    loss: slot.loss,
    staleness: slot.lastStaleness,
    totalMomentum: slot.lastTotalMomentum,
  };
}

/**
 * |g|² as a minibatch of mean size would have it. With b examples E|g|² = |E g|² + σ²/b, and the tuner takes the spread of
 * |g|² for curvature, so the part of the spread that stems from different b is removed first.
 */
function atMeanSize({ slot, spec }: WorkerContext, squaredNorm: number, meanSquaredNorm: number): number {
  const { mode, simulateWorkers } = spec.interleaving;
  const relativeSize = slot.size / (spec.batching.batchSize * gradientsPerUpdate(mode, simulateWorkers));
  if (relativeSize === 1) return squaredNorm;
  const signal = Math.min(squaredNorm, meanSquaredNorm);
  return signal + relativeSize * (squaredNorm - signal);
}
