/**
 * The closed loop as YellowFin publishes it: lowers the algorithmic momentum until the measured total is on target.
 *
 * Source: arXiv:1706.03471, Algorithm 5; the bounds are ours and keep one wild measurement from mattering.
 */

/** γ, the gain of the loop. */
const gain = 0.01;

/** A measurement counts as at most so much. */
const largestMeasurement = 2;

const leastMomentum = -0.9;
const largestMomentum = 0.999;

/** The nearest momentum that workers may apply, in [−0.9, 0.999]. */
export function clipMomentum(momentum: number): number {
  return Math.min(largestMomentum, Math.max(leastMomentum, momentum));
}

/** The nearest measurement that counts, in [−2, 2]; NaN stays NaN. */
export function clipMeasurement(measured: number): number {
  return Math.min(largestMeasurement, Math.max(-largestMeasurement, measured));
}

/**
 * One step of the loop,  μ ← clip(μ + γ·(μ* − clip(μ̂, −2, 2)), −0.9, 0.999)  with γ = 0.01.
 *
 * @param momentum μ, the algorithmic momentum now; negative where asynchrony adds more than the target.
 * @param target μ*, from the tuner.
 * @param measured μ̂, total momentum; NaN (nothing to measure) leaves μ as it is.
 */
export function momentumFeedback(momentum: number, target: number, measured: number): number {
  if (Number.isNaN(measured)) return momentum;
  return clipMomentum(momentum + gain * (target - clipMeasurement(measured)));
}
