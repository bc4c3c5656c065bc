/**
 * The ablation that a claim for momentum must beat: YellowFin's learning rate, and plain SGD.
 *
 * Momentum μ repeats a step α about 1/(1 − μ) times, so here the step is α/(1 − μ) at once.
 */

import type { Controller } from "./controller.ts";
import { clipMomentum } from "./momentum-feedback.ts";
import { type MomentumMeter, meterMomentum, newMomentumMeter } from "./momentum-meter.ts";
import {
  checkTuning,
  firstDecision,
  scaleLearningRate,
  type YellowFinControllerSettings,
} from "./yellowfin-controller.ts";
import { initYellowFin, updateYellowFin, type YellowFinState } from "./yellowfin-tuner.ts";

export type NoMomentumState = { yellowFin: YellowFinState; meter: MomentumMeter };

/** @throws {RangeError} As `yellowFinController()`. */
export function noMomentum(settings: Omit<YellowFinControllerSettings, "loop">): Controller<NoMomentumState> {
  const { learningRateFactor } = settings;
  checkTuning(settings);
  return {
    needsGradientMean: true,
    init: () => ({ yellowFin: initYellowFin(), meter: newMomentumMeter() }),
    start: () => firstDecision(learningRateFactor),
    update(state, observation) {
      const { learningRate, momentum, observeClip, applyClip } = updateYellowFin(
        state.yellowFin,
        observation,
        settings,
      );
      return {
        hyperparameters: {
          momentum: 0,
          learningRate: scaleLearningRate(learningRate, learningRateFactor / (1 - clipMomentum(momentum))),
          observeClip,
          applyClip,
          averageWeight: 1,
          secondCorrection: 1,
          epsilon: 0,
        },
        telemetry: {
          targetMomentum: 0,
          totalMomentum: meterMomentum(state.meter, observation.totalMomentum),
        },
        command: null,
      };
    },
  };
}
