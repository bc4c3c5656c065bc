/** Builds the controller of an optimizer from settings. */

import type { LoopName } from "../optimizers/loop.ts";
import { type ControllerName, type OptimizerName, optimizers } from "../optimizers/optimizers.ts";
import { auto } from "./auto.ts";
import { withBackOff } from "./back-off.ts";
import type { Controller } from "./controller.ts";
import { dog } from "./dog.ts";
import { fixedStep } from "./fixed-step.ts";
import { noMomentum } from "./no-momentum.ts";
import { type RateSchedule, withRateSchedule } from "./rate-schedule.ts";
import { defaultSlowStart, yellowFinController } from "./yellowfin-controller.ts";

export interface ControllerSettings {
  readonly optimizer: OptimizerName;
  /** Of meaning for `yellowfin` alone. */
  readonly loop: LoopName;
  /** Whether the learning rate is halved when the loss rises; see `usesBackOff()` for the default. */
  readonly backOff: boolean;
  /** Null or absent for the optimizer's default; of no meaning where YellowFin sets it. */
  readonly learningRate?: number | null;
  readonly momentum?: number | null;
  /** Whether measured total momentum is held at `momentum`; of meaning for the optimizer `momentum` alone. */
  readonly steersMomentum?: boolean;
  /** λ of `adamw`; null or absent for the optimizer's default. */
  readonly weightDecay?: number | null;
  /** |x₀|, of meaning for `dog` alone; 0 if absent. */
  readonly initialNorm?: number;
  /** P, of meaning for `auto` alone; 1 if absent. */
  readonly parameterCount?: number;
  /** Workers whose gradients take turns, of meaning for `auto` alone; 1 if absent. */
  readonly workers?: number;
  /** Multiplies the learning rate, > 0. */
  readonly learningRateFactor: number;
  /** T₀, updates over which YellowFin's learning rate grows to its full size, ≥ 1; default 200. */
  readonly slowStart?: number;
  /** What the learning rate is multiplied by in the course of the run; null or absent for nothing. */
  readonly rateSchedule?: RateSchedule | null;
}

/**
 * @throws {RangeError} If a learning rate or factor is not finite and > 0, a momentum is not in [−0.9, 0.999] or the
 *   slow start is not ≥ 1.
 */
export function createController(settings: ControllerSettings): Controller {
  const { backOff, rateSchedule = null } = settings;
  const controller = controllers[optimizers[settings.optimizer].controller](settings) as Controller;
  const guarded = (backOff ? withBackOff(controller) : controller) as Controller;
  return rateSchedule === null ? guarded : (withRateSchedule(guarded, rateSchedule) as Controller);
}

const controllers: Readonly<Record<ControllerName, (settings: ControllerSettings) => unknown>> = {
  yellowfin: (settings) => yellowFinController({ ...tuning(settings), loop: settings.loop }),
  "yellowfin-no-momentum": (settings) => noMomentum(tuning(settings)),
  dog: ({ initialNorm = 0, learningRateFactor }) => dog({ initialNorm, learningRateFactor }),
  auto: ({ learningRateFactor, parameterCount = 1, workers = 1 }) =>
    auto({ learningRateFactor, parameterCount, workers }),
  fixed: ({ learningRate, learningRateFactor, momentum, optimizer, steersMomentum = false }) => {
    const facts = optimizers[optimizer];
    return fixedStep({
      learningRate: learningRateFactor * (learningRate ?? facts.learningRate ?? Number.NaN),
      momentum: momentum ?? facts.momentum ?? 0,
      measurable: facts.measuresMomentum === true,
      steered: steersMomentum && facts.holdsMomentum === true,
    });
  },
};

const tuning = ({ learningRateFactor, slowStart = defaultSlowStart }: ControllerSettings) => ({
  learningRateFactor,
  slowStart,
});
