/** YellowFin with and without a loop around its momentum, as a controller. */
import { cannot } from "../errors.ts";
import { addToEma, type Ema, newEma } from "../math/ema.ts";
import type { LoopName } from "../optimizers/loop.ts";
import { remainingMomentum } from "./asynchronous-momentum.ts";
import type { Controller, Decision, TunerTelemetry } from "./controller.ts";
import { clipMomentum, momentumFeedback } from "./momentum-feedback.ts";
import { type MomentumMeter, meterMomentum, newMomentumMeter } from "./momentum-meter.ts";
import {
  firstLearningRate,
  initYellowFin,
  updateYellowFin,
  type YellowFinEstimate,
  type YellowFinState,
} from "./yellowfin-tuner.ts";

export interface YellowFinControllerSettings {
  /** What the momentum that workers apply is steered by. */
  readonly loop: LoopName;
  /** Multiplies the learning rate, > 0. */
  readonly learningRateFactor: number;
  /** T₀, updates over which the learning rate grows to its full size, ≥ 1; {@link defaultSlowStart}. */
  readonly slowStart: number;
}

export const defaultSlowStart = 200;

export type YellowFinControllerState = {
  yellowFin: YellowFinState;
  /** μ, the algorithmic momentum. */
  momentum: number;
  /** EMA of τ, in updates. */
  staleness: Ema;
  meter: MomentumMeter;
};

/** What a decision was derived from. */
export type YellowFinTelemetry = TunerTelemetry &
  Pick<YellowFinEstimate, "hMin" | "hMax" | "variance" | "distance">;

/** Of the mean staleness. */
const stalenessDecay = 0.99;

/** Learning rates beyond float32's reach change nothing; the bounds leave room for factors. */
const leastLearningRate = 1e-250;
const largestLearningRate = 1e250;

/** The nearest learning rate in bounds, so that what the factor makes of it is finite and > 0. */
export function scaleLearningRate(learningRate: number, factor: number): number {
  return Math.min(largestLearningRate, Math.max(leastLearningRate, factor * learningRate));
}

/** @throws {RangeError} If the factor is not finite and > 0 or the slow start is not finite and ≥ 1. */
export function yellowFinController(
  settings: YellowFinControllerSettings,
): Controller<YellowFinControllerState, YellowFinTelemetry> {
  const { learningRateFactor, loop } = settings;
  checkTuning(settings);
  return {
    needsGradientMean: true,
    init: () => ({ yellowFin: initYellowFin(), momentum: 0, staleness: newEma(), meter: newMomentumMeter() }),
    start: () => firstDecision(learningRateFactor),
    update(state, observation) {
      const estimate = updateYellowFin(state.yellowFin, observation, settings);
      const target = clipMomentum(estimate.momentum);
      const staleness = addToEma(state.staleness, observation.staleness, stalenessDecay);
      if (loop === "none") state.momentum = target;
      else if (loop === "corrected") state.momentum = remainingMomentum(target, staleness);
      else state.momentum = momentumFeedback(state.momentum, target, observation.totalMomentum);
      // Momentum μ repeats a step about 1/(1 − μ) times: with less of it each step is longer, and their sum the same.
      const length = loop === "corrected" ? (1 - state.momentum) / (1 - target) : 1;
      return {
        hyperparameters: {
          momentum: state.momentum,
          learningRate: scaleLearningRate(estimate.learningRate, length * learningRateFactor),
          observeClip: estimate.observeClip,
          applyClip: estimate.applyClip,
          averageWeight: 1,
          secondCorrection: 1,
          epsilon: 0,
        },
        telemetry: {
          targetMomentum: target,
          totalMomentum: meterMomentum(state.meter, observation.totalMomentum),
          hMin: estimate.hMin,
          hMax: estimate.hMax,
          variance: estimate.variance,
          distance: estimate.distance,
        },
        command: null,
      };
    },
  };
}

/** The pair of the first update when YellowFin sets it: no momentum, no clipping, a small step. */
export function firstDecision(learningRateFactor: number): Decision {
  return {
    hyperparameters: {
      momentum: 0,
      learningRate: scaleLearningRate(firstLearningRate, learningRateFactor),
      observeClip: Number.POSITIVE_INFINITY,
      applyClip: Number.POSITIVE_INFINITY,
      averageWeight: 1,
      secondCorrection: 1,
      epsilon: 0,
    },
    telemetry: { targetMomentum: 0, totalMomentum: Number.NaN },
    command: null,
  };
}

/** @throws {RangeError} As {@link yellowFinController}. */
export function checkTuning({
  learningRateFactor,
  slowStart,
}: Omit<YellowFinControllerSettings, "loop">): void {
  if (!(learningRateFactor > 0 && learningRateFactor < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      cannot("create a controller", "learningRateFactor must be finite and > 0", learningRateFactor),
    );
  }
  if (!(slowStart >= 1 && slowStart < Number.POSITIVE_INFINITY)) {
    throw new RangeError(cannot("create a controller", "slowStart must be finite and ≥ 1", slowStart));
  }
}
