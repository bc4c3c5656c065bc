/**
 * Total momentum as the ratio of two averages: both sides of the update are averaged over time before they are divided.
 *
 * A single step is mostly noise of its minibatch, and noise repeats itself only as the algorithmic momentum repeats it: the
 * median of single quotients hardly sees what asynchrony adds. Averages have less noise, but a bias in exchange: on a steady
 * path a step and its gradient cancel in the numerator, and what is left is the noise that successive averages share.
 */
import { medianInPlace } from "../math/median.ts";
import type { MeasuredStep, MomentumEstimator } from "./momentum-estimator.ts";

/** β of the averages: about twenty steps of one worker. */
export const ratioDecay = 0.95;

/** A coordinate whose average moved less than this says nothing. */
const leastMove = 1e-12;

/**
 * μ̂ = median over coordinates of  EMA(x_{r+1} − x_r + α_r·g) / EMA(x_r − x_{r−1}).
 *
 * State: the two averages, undebiased, `[2·S]`; their weights are the same and cancel.
 */
export const smoothedRatio: MomentumEstimator = {
  stateLength: (sampleCount) => 2 * sampleCount,
  measure(state, { current, gradient, learningRate, next, previous }: MeasuredStep, scratch) {
    const count = current.length;
    const gain = 1 - ratioDecay;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const moved = next[i] - current[i] + learningRate * gradient[i];
      state[i] += gain * (moved - state[i]);
      state[count + i] += gain * (current[i] - previous[i] - state[count + i]);
      if (Math.abs(state[count + i]) <= leastMove) continue;
      const quotient = state[i] / state[count + i];
      if (Number.isFinite(quotient)) scratch[found++] = quotient;
    }
    return found === 0 ? Number.NaN : medianInPlace(scratch, found);
  },
};
