/**
 * YellowFin as a pure function of what was observed: one momentum and one learning rate for the whole model.
 *
 * Follows the algorithm in its order: curvature range, variance, distance, single step, slow start. Clipping the
 * gradients is the caller's, to the norms that this returns.
 *
 * Source: Zhang, Mitliagkas, Ré, "YellowFin and the Art of Momentum Tuning", arXiv:1706.03471, Algorithms 1 to 4.
 */
import { addToEma, type Ema, emaValue, newEma } from "../math/ema.ts";
import type { Observation } from "./controller.ts";
import { type CurvatureRangeState, initCurvatureRange, updateCurvatureRange } from "./curvature-range.ts";
import { singleStep } from "./single-step.ts";

/** β of every average in YellowFin, that of the gradient mean included. */
const decay = 0.999;

/** Floor of the variance: a gradient without noise has none, and rounding may make the difference negative. */
const leastVariance = 1e-6;

/** Learning rate of the first update, made before anything is known. */
export const firstLearningRate = 1e-4;

/** A spike enters the statistics with this many times the largest norm seen, at most. */
const observeClipFactor = 10;

export type YellowFinState = {
  /** Observations so far. */
  count: number;
  curvature: CurvatureRangeState;
  /** EMA of |g|². Gradient units². */
  squaredNorm: Ema;
  /** EMA of |g|. Gradient units. */
  norm: Ema;
  /** EMA of EMA|g| / EMA|g|²: distance to the optimum. Parameter units. */
  distance: Ema;
};

/** What YellowFin makes of the observations so far. */
export interface YellowFinEstimate {
  readonly hMax: number;
  readonly hMin: number;
  /** C, gradient variance summed over coordinates. */
  readonly variance: number;
  /** D. */
  readonly distance: number;
  /** μ*, in [0, 1). */
  readonly momentum: number;
  /** α, slow start included. */
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
    norm: newEma(),
    distance: newEma(),
  };
}

/**
 * Takes one observation in and returns the pair for its update.
 *
 * @param slowStart T₀, updates over which the learning rate grows to its full size; ≥ 1.
 */
export function updateYellowFin(
  state: YellowFinState,
  { squaredNorm, meanSquaredNorm }: Pick<Observation, "squaredNorm" | "meanSquaredNorm">,
  slowStart: number,
): YellowFinEstimate {
  const range = updateCurvatureRange(state.curvature, squaredNorm, decay);
  const meanOfSquares = addToEma(state.squaredNorm, squaredNorm, decay);
  // EMA(g) has the same weights as EMA(|g|²), so its debiasing is the same quotient, squared.
  const { weight } = state.squaredNorm;
  const variance = Math.max(leastVariance, meanOfSquares - meanSquaredNorm / (weight * weight));
  const norm = addToEma(state.norm, Math.sqrt(squaredNorm), decay);
  if (meanOfSquares > 0) addToEma(state.distance, norm / meanOfSquares, decay);
  const distance = emaValue(state.distance);
  const update = state.count++;
  if (range === null) {
    return {
      ...unknown,
      variance,
      distance,
      learningRate: firstLearningRate,
    };
  }
  const { hMax, hMin } = range;
  const clips = { observeClip: observeClipFactor * Math.sqrt(hMax), applyClip: Math.sqrt(hMax) };
  if (update === 0) {
    return { hMax, hMin, variance, distance, momentum: 0, learningRate: firstLearningRate, ...clips };
  }
  const { momentum, stepSize } = singleStep(distance, variance, hMin, hMax);
  const learningRate = stepSize * Math.min(1, (update + 1) / slowStart);
  return { hMax, hMin, variance, distance, momentum, learningRate, ...clips };
}

/** As long as every gradient was zero, there is no curvature to go by and nothing to clip to. */
const unknown = {
  hMax: 0,
  hMin: 0,
  momentum: 0,
  observeClip: Number.POSITIVE_INFINITY,
  applyClip: Number.POSITIVE_INFINITY,
};
