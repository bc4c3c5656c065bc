/** Variance of the minibatch gradient. */
import { type Ema, emaValue } from "../math/ema.ts";

/** Floor of the variance: a gradient without noise has none, and rounding may turn the difference negative. */
const leastVariance = 1e-6;

/**
 * C = EMA(|g|²) − |EMA(g)|², both debiased: the variance of the gradient summed over its coordinates, at least 1e-6.
 *
 * The paper averages g² for every coordinate; their sum is the average of |g|², so no second vector is kept.
 *
 * @param squaredNorm EMA of |g|². Gradient units².
 * @param meanSquaredNorm |EMA(g)|², not debiased, of as many gradients and with the same decay.
 * Source: arXiv:1706.03471, Algorithm 3.
 */
export function gradientVariance(squaredNorm: Ema, meanSquaredNorm: number): number {
  // EMA(g) has the weight of EMA(|g|²), so its squared norm is debiased by the square of that.
  const weight = squaredNorm.weight * squaredNorm.weight;
  return Math.max(leastVariance, emaValue(squaredNorm) - meanSquaredNorm / weight);
}
