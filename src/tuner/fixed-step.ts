/** A constant learning rate and momentum: SGD, momentum SGD and Adam as their users tune them. */
import { cannot } from "../errors.ts";
import { clipMomentum } from "./closed-loop.ts";
import type { Controller, Hyperparameters } from "./controller.ts";
import { type MomentumMeter, meterMomentum, newMomentumMeter } from "./momentum-meter.ts";

export type FixedStepState = { meter: MomentumMeter };

export interface FixedStepSettings {
  /** α > 0, every factor included. */
  readonly learningRate: number;
  /** μ in [−0.9, 0.999]. */
  readonly momentum: number;
  /** Whether steps are α·g, which the measurement of total momentum takes for granted; Adam's are not. */
  readonly measurable: boolean;
}

/** @throws {RangeError} If the learning rate is not finite and > 0, or the momentum not in [−0.9, 0.999]. */
export function fixedStep({
  learningRate,
  momentum,
  measurable,
}: FixedStepSettings): Controller<FixedStepState> {
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(cannot("create a controller", "learningRate must be finite and > 0", learningRate));
  }
  if (momentum !== clipMomentum(momentum)) {
    throw new RangeError(cannot("create a controller", "momentum must be in [−0.9, 0.999]", momentum));
  }
  const start: Hyperparameters = {
    momentum,
    learningRate,
    observeClip: Number.POSITIVE_INFINITY,
    applyClip: Number.POSITIVE_INFINITY,
    targetMomentum: momentum,
    totalMomentum: Number.NaN,
  };
  return {
    needsGradientMean: false,
    init: () => ({ meter: newMomentumMeter() }),
    start: () => start,
    update: (state, { totalMomentum }) => ({
      ...start,
      totalMomentum: measurable ? meterMomentum(state.meter, totalMomentum) : Number.NaN,
    }),
  };
}
