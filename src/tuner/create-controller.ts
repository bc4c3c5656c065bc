/** The controllers by name: what each optimizer decides, and its defaults. */
import { addToEma, type Ema, emaValue, newEma } from "../math/ema.ts";
import { withBackOff } from "./back-off.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Controller, Hyperparameters, Observation } from "./controller.ts";
import { firstLearningRate, initYellowFin, updateYellowFin, type YellowFinState } from "./yellowfin-tuner.ts";

export type OptimizerName = "yellowfin" | "yellowfin-no-momentum" | "sgd" | "momentum" | "adam";

/** `closed`: the loop and the back-off. `published`: the loop as in the paper. `open`: YellowFin alone. */
export type LoopName = "closed" | "published" | "open";

export interface ControllerSettings {
  readonly optimizer: OptimizerName;
  /** Of meaning for `yellowfin` alone. */
  readonly loop: LoopName;
  readonly backOff: boolean;
  /** Null for the optimizer's default; of no meaning where the optimizer sets it by itself. */
  readonly learningRate: number | null;
  readonly momentum: number | null;
  /** Multiplies the learning rate, > 0. */
  readonly learningRateFactor: number;
}

/** What each optimizer is: who sets its step, and the defaults where the user does. */
export const optimizers: Readonly<
  Record<OptimizerName, { readonly learningRate: number | null; readonly momentum: number | null }>
> = {
  yellowfin: { learningRate: null, momentum: null },
  "yellowfin-no-momentum": { learningRate: null, momentum: null },
  sgd: { learningRate: 0.05, momentum: null },
  momentum: { learningRate: 0.01, momentum: 0.9 },
  adam: { learningRate: 0.001, momentum: null },
};

/** T₀, updates over which YellowFin's learning rate grows to its full size. */
const slowStart = 200;

/** β of the measured momentum that people look at; the loop takes the raw measurements. */
const displayDecay = 0.99;

/** Builds the controller of an optimizer. */
export function createController(settings: ControllerSettings): Controller {
  const { optimizer } = settings;
  const controller = optimizer.startsWith("yellowfin") ? yellowFin(settings) : fixed(settings);
  return (settings.backOff ? withBackOff(controller) : controller) as Controller;
}

type YellowFinControllerState = {
  yellowFin: YellowFinState;
  /** μ, the algorithmic momentum of the closed loop. */
  momentum: number;
  measured: Ema;
};

function yellowFin(settings: ControllerSettings): Controller<YellowFinControllerState> {
  const { learningRateFactor, loop, optimizer } = settings;
  const withMomentum = optimizer === "yellowfin";
  return {
    needsGradientMean: true,
    init: () => ({ yellowFin: initYellowFin(), momentum: 0, measured: newEma() }),
    start: () => ({ ...noMeasurement, learningRate: learningRateFactor * firstLearningRate }),
    update(state, observation) {
      const estimate = updateYellowFin(state.yellowFin, observation, slowStart);
      const target = withMomentum ? estimate.momentum : 0;
      if (withMomentum && loop !== "open") {
        state.momentum = closedLoop(state.momentum, target, observation.totalMomentum);
      } else {
        state.momentum = target;
      }
      // Without momentum the step is as long as momentum would have made it in the end.
      const length = withMomentum ? 1 : 1 / (1 - estimate.momentum);
      return {
        momentum: state.momentum,
        learningRate: learningRateFactor * length * estimate.learningRate,
        observeClip: estimate.observeClip,
        applyClip: estimate.applyClip,
        targetMomentum: target,
        totalMomentum: smoothed(state.measured, observation),
      };
    },
  };
}

function fixed(settings: ControllerSettings): Controller<{ measured: Ema }> {
  const defaults = optimizers[settings.optimizer];
  const momentum = settings.momentum ?? defaults.momentum ?? 0;
  const learningRate =
    settings.learningRateFactor * (settings.learningRate ?? defaults.learningRate ?? firstLearningRate);
  const start: Hyperparameters = { ...noMeasurement, momentum, learningRate, targetMomentum: momentum };
  return {
    needsGradientMean: false,
    init: () => ({ measured: newEma() }),
    start: () => start,
    update: (state, observation) => ({ ...start, totalMomentum: smoothed(state.measured, observation) }),
  };
}

const noMeasurement: Hyperparameters = {
  momentum: 0,
  learningRate: 0,
  observeClip: Number.POSITIVE_INFINITY,
  applyClip: Number.POSITIVE_INFINITY,
  targetMomentum: 0,
  totalMomentum: Number.NaN,
};

/** Measured total momentum, averaged; NaN before the first measurement. */
function smoothed(measured: Ema, { totalMomentum }: Observation): number {
  if (!Number.isNaN(totalMomentum))
    addToEma(measured, Math.min(2, Math.max(-2, totalMomentum)), displayDecay);
  return measured.weight === 0 ? Number.NaN : emaValue(measured);
}
