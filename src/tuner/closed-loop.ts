/**
 * The closed loop: lowers the algorithmic momentum by what asynchrony adds, until the measured total is on target.
 *
 * Source: arXiv:1706.03471, Algorithm 5; the bounds are ours and keep one wild measurement from mattering.
 */

/** γ, the gain of the loop. */
const gain = 0.01;

const clip = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/**
 * One step of the loop,  μ ← clip(μ + γ·(μ* − clip(μ̂, −2, 2)), −0.9, 0.999).
 *
 * @param momentum μ, the algorithmic momentum now; negative where asynchrony adds more than the target.
 * @param target μ*, from the tuner. @param measured μ̂, total momentum; NaN leaves μ as it is.
 */
export function closedLoop(momentum: number, target: number, measured: number): number {
  if (Number.isNaN(measured)) return momentum;
  return clip(momentum + gain * (target - clip(measured, -2, 2)), -0.9, 0.999);
}
