/**
 * YellowFin as a pure function of what was observed: one momentum and one learning rate for the whole model.
 *
 * Follows the algorithm in its order: curvature range, variance, distance, single step, slow start. Clipping gradients
 * to the norms that it returns, the gradient mean and the update are the caller's.
 *
 * Source: Zhang, Mitliagkas, Ré, "YellowFin and the Art of Momentum Tuning", arXiv:1706.03471, Algorithms 1 to 4.
 */
import { addToEma, type Ema, newEma } from "../math/ema.ts";
import { gradientMeanDecay as decay, type Observation } from "./controller.ts";
import { type CurvatureRangeState, initCurvatureRange, updateCurvatureRange } from "./curvature-range.ts";
import { type DistanceState, initDistance, updateDistance } from "./distance-to-optimum.ts";
import { gradientVariance } from "./gradient-variance.ts";
import { type MomentumAndStep, singleStep } from "./single-step.ts";
import { initSlowStart, type SlowStartState, updateSlowStart } from "./slow-start.ts";

/** Learning rate of the first update, made before anything is known. */
export const firstLearningRate = 1e-4;

/** A spike enters the statistics with this many times the largest norm seen, at most. */
const observeClipFactor = 10;

/** |g|² below the first is as good as zero, above the second as good as that: nothing derived leaves float64. */
const leastSquaredNorm = 1e-300;
const largestSquaredNorm = 1e300;

export interface YellowFinSettings {
  /** T₀, updates over which the learning rate grows to its full size while gradients are fresh, ≥ 1. */
  readonly slowStart: number;
  /** See {@link updateDistance}; 1e-6 for the numbers of the authors' code. */
  readonly distanceEpsilon?: number;
}

export type YellowFinState = {
  /** Observations so far. */
  count: number;
  curvature: CurvatureRangeState;
  /** EMA of |g|². Gradient units². */
  squaredNorm: Ema;
  distance: DistanceState;
  slowStart: SlowStartState;
};

/** What YellowFin makes of the observations so far. */
export interface YellowFinEstimate {
  /** Smallest and largest curvature, EMAs over windows of |g|²; 0 as long as every gradient was zero. */
  readonly hMin: number;
  readonly hMax: number;
  /** C, gradient variance summed over coordinates. Gradient units², ≥ 1e-6. */
  readonly variance: number;
  /** D, distance to the optimum. Parameter units, ≥ 0. */
  readonly distance: number;
  /** μ*, in [0, 1]. */
  readonly momentum: number;
  /** α > 0, slow start included. */
  readonly learningRate: number;
  /** Norms to clip the next gradient to, for the statistics and for the update. */
  readonly observeClip: number;
  readonly applyClip: number;
}

export function initYellowFin(): YellowFinState {
  return {
    count: 0,
    curvature: initCurvatureRange(),
    squaredNorm: newEma(),
    distance: initDistance(),
    slowStart: initSlowStart(),
  };
}

/** Takes one observation in and returns the pair for its own update. All finite input gives finite output. */
export function updateYellowFin(
  state: YellowFinState,
  observation: Pick<Observation, "squaredNorm" | "meanSquaredNorm" | "staleness">,
  { slowStart, distanceEpsilon = 0 }: YellowFinSettings,
): YellowFinEstimate {
  const h = withinScale(observation.squaredNorm);
  const range = updateCurvatureRange(state.curvature, h, decay);
  addToEma(state.squaredNorm, h, decay);
  const variance = gradientVariance(state.squaredNorm, observation.meanSquaredNorm);
  const distance = updateDistance(state.distance, Math.sqrt(h), state.squaredNorm, decay, distanceEpsilon);
  const growth = updateSlowStart(state.slowStart, observation.staleness, slowStart);
  const update = state.count++;
  if (range === null) return { ...beforeAnyGradient, variance, distance };

  const { hMax, hMin } = range;
  const first = update === 0;
  const { momentum, stepSize } = first ? firstPair : singleStep(distance, variance, hMin, hMax);
  return {
    hMax,
    hMin,
    variance,
    distance,
    momentum,
    learningRate: first ? stepSize : stepSize * growth,
    observeClip: observeClipFactor * Math.sqrt(hMax),
    applyClip: Math.sqrt(hMax),
  };
}

function withinScale(squaredNorm: number): number {
  return squaredNorm < leastSquaredNorm ? 0 : Math.min(squaredNorm, largestSquaredNorm);
}

/** Before there is a curvature to go by. */
const firstPair: MomentumAndStep = { momentum: 0, stepSize: firstLearningRate };

/** As long as every gradient was zero, there is no curvature to go by and nothing to clip to. */
const beforeAnyGradient = {
  hMin: 0,
  hMax: 0,
  momentum: 0,
  learningRate: firstLearningRate,
  observeClip: Number.POSITIVE_INFINITY,
  applyClip: Number.POSITIVE_INFINITY,
};
