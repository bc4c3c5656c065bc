/** Builds the controller of an optimizer from settings. */
import { auto } from "./auto.ts";
import { withBackOff } from "./back-off.ts";
import type { Controller } from "./controller.ts";
import { dog } from "./dog.ts";
import { fixedStep } from "./fixed-step.ts";
import { noMomentum } from "./no-momentum.ts";
import { type OptimizerName, optimizers } from "./optimizers.ts";
import { type RateSchedule, withRateSchedule } from "./rate-schedule.ts";
import { defaultSlowStart, type LoopName, yellowFinController } from "./yellowfin-controller.ts";

export interface ControllerSettings {
  readonly optimizer: OptimizerName;
  /** Of meaning for `yellowfin` alone. */
  readonly loop: LoopName;
  /** Whether the learning rate is halved when the loss rises; see {@link usesBackOff} for the default. */
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
  /** Multiplies the learning rate, > 0. */
  readonly learningRateFactor: number;
  /** T₀, updates over which YellowFin's learning rate grows to its full size, ≥ 1; default 200. */
  readonly slowStart?: number;
  /** What the learning rate is multiplied by in the course of the run; absent for nothing. */
  readonly schedule?: RateSchedule;
}

/** Whether the back-off is on unless somebody says otherwise: it is part of the closed loop. */
export function usesBackOff(optimizer: OptimizerName, loop: LoopName): boolean {
  return optimizer === "yellowfin" && loop === "closed";
}

/**
 * @throws {RangeError} If a learning rate or factor is not finite and > 0, a momentum is not in [−0.9, 0.999] or the
 *   slow start is not ≥ 1.
 */
export function createController(settings: ControllerSettings): Controller {
  const { backOff, schedule } = settings;
  const controller = withoutGuard(settings);
  const guarded = (backOff ? withBackOff(controller) : controller) as Controller;
  return schedule === undefined ? guarded : (withRateSchedule(guarded, schedule) as Controller);
}

function withoutGuard(settings: ControllerSettings): Controller {
  const { initialNorm = 0, learningRateFactor, loop, optimizer, slowStart = defaultSlowStart } = settings;
  const { rule, tuner, ...defaults } = optimizers[optimizer];
  if (tuner === "auto") return auto({ learningRateFactor }) as Controller;
  if (tuner === "dog") return dog({ initialNorm, learningRateFactor }) as Controller;
  if (tuner === "yellowfin") {
    const tuning = { loop, learningRateFactor, slowStart };
    return (rule === "momentum" ? yellowFinController(tuning) : noMomentum(tuning)) as Controller;
  }
  return fixedStep({
    learningRate: learningRateFactor * (settings.learningRate ?? defaults.learningRate ?? Number.NaN),
    momentum: settings.momentum ?? defaults.momentum ?? 0,
    measurable: rule === "plain" || rule === "momentum",
    steered: settings.steersMomentum === true && rule === "momentum",
  }) as Controller;
}
