/** Distance to the optimum, from gradient norms alone. */
import { addToEma, type Ema, emaValue, newEma } from "../math/ema.ts";

export type DistanceState = {
  /** EMA of |g|. Gradient units. */
  norm: Ema;
  /** EMA of EMA|g| / EMA|g|². Parameter units where the loss has the unit one. */
  distance: Ema;
};

export function initDistance(): DistanceState {
  return { norm: newEma(), distance: newEma() };
}

/**
 * Adds one gradient norm and returns D = EMA(EMA|g| / EMA|g|²), debiased.
 *
 * On a quadratic |g| ≤ h·|x − x*|, and |g|² is the curvature h of this tuner, so |g|/|g|² bounds the distance.
 *
 * @param norm |g|, ≥ 0.
 * @param squaredNorm EMA of |g|², this gradient's included, with the same decay.
 * @param epsilon Added to the undebiased EMA of |g|². The authors' code has 1e-6, which sets a scale for gradients;
 *   0 leaves D free of one.
 * @returns D; 0 as long as every gradient was zero.
 * Source: arXiv:1706.03471, Algorithm 4.
 */
export function updateDistance(
  state: DistanceState,
  norm: number,
  squaredNorm: Ema,
  decay: number,
  epsilon: number,
): number {
  addToEma(state.norm, norm, decay);
  // Both averages have the same weight, so the quotient of the undebiased sums is that of the debiased means.
  const divisor = squaredNorm.sum + epsilon;
  if (state.norm.sum > 0 && divisor > 0) addToEma(state.distance, state.norm.sum / divisor, decay);
  return emaValue(state.distance);
}
