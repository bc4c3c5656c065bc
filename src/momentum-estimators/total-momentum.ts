/**
 * Total momentum, algorithmic and asynchronous together, measured from three successive iterates and a gradient.
 *
 * A few hundred coordinates do: the median's standard error falls with the root of their number, and the loop averages
 * over a hundred updates besides (its gain is 0.01).
 */
import { medianInPlace } from "../math/median.ts";

export const defaultSampleCount = 256;

/** A coordinate that moved less than this says nothing: its quotient is rounding. */
const leastMove = 1e-12;

/**
 * Returns the median over coordinates of  (x_{r+1} − x_r + α_r·g) / (x_r − x_{r−1}).
 *
 * @param previous x_{r−1}, `[S]`. @param current x_r, where the gradient was computed. @param next x_{r+1}.
 * @param gradient g at x_r, clipped as it was applied.
 * @param learningRate α_r of the step out of x_r.
 * @param scratch `[S]`, overwritten.
 * @returns μ̂, or NaN when no coordinate moved.
 * Source: arXiv:1706.03471, equation 35.
 */
export function totalMomentum(
  previous: ArrayLike<number>,
  current: ArrayLike<number>,
  next: ArrayLike<number>,
  gradient: ArrayLike<number>,
  learningRate: number,
  scratch: Float64Array,
): number {
  let count = 0;
  for (let i = 0; i < current.length; i++) {
    const move = current[i] - previous[i];
    if (Math.abs(move) <= leastMove) continue;
    const quotient = (next[i] - current[i] + learningRate * gradient[i]) / move;
    if (Number.isFinite(quotient)) scratch[count++] = quotient;
  }
  return count === 0 ? Number.NaN : medianInPlace(scratch, count);
}
