/**
 * A constant learning rate and momentum: SGD, momentum SGD and Adam as their users tune them.
 *
 * With the staleness policy `closed-loop` the user's momentum is that of the whole run: what is applied starts there and is
 * lowered by what asynchrony adds, as the published closed loop does it for YellowFin.
 */
import { cannot } from "../errors.ts";
import type { Controller, Decision } from "./controller.ts";
import { clipMomentum, momentumFeedback } from "./momentum-feedback.ts";
import { type MomentumMeter, meterMomentum, newMomentumMeter } from "./momentum-meter.ts";

export type FixedStepState = {
  meter: MomentumMeter;
  /** μ, the algorithmic momentum. */
  momentum: number;
};

export interface FixedStepSettings {
  /** α > 0, every factor included. */
  readonly learningRate: number;
  /** μ in [−0.9, 0.999]. */
  readonly momentum: number;
  /** Whether steps are α·g, which the measurement of total momentum takes for granted; Adam's are not. */
  readonly measurable: boolean;
  /** Whether the algorithmic momentum is steered so that the total is μ. */
  readonly steered: boolean;
}

/** @throws {RangeError} If the learning rate is not finite and > 0, or the momentum not in [−0.9, 0.999]. */
export function fixedStep({
  learningRate,
  momentum,
  measurable,
  steered,
}: FixedStepSettings): Controller<FixedStepState> {
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(cannot("create a controller", "learningRate must be finite and > 0", learningRate));
  }
  if (momentum !== clipMomentum(momentum)) {
    throw new RangeError(cannot("create a controller", "momentum must be in [−0.9, 0.999]", momentum));
  }
  const decide = (applied: number, totalMomentum: number): Decision => ({
    hyperparameters: {
      momentum: applied,
      learningRate,
      observeClip: Number.POSITIVE_INFINITY,
      applyClip: Number.POSITIVE_INFINITY,
      averageWeight: 1,
      secondCorrection: 1,
      epsilon: 0,
    },
    telemetry: { targetMomentum: momentum, totalMomentum },
    command: null,
  });
  return {
    needsGradientMean: false,
    init: () => ({ meter: newMomentumMeter(), momentum }),
    start: () => decide(momentum, Number.NaN),
    update(state, { totalMomentum }) {
      if (steered) state.momentum = momentumFeedback(state.momentum, momentum, totalMomentum);
      return decide(state.momentum, measurable ? meterMomentum(state.meter, totalMomentum) : Number.NaN);
    },
  };
}
