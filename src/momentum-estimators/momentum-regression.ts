/**
 * Total momentum by least squares: how much of a step is the step before it once again, the gradient taken into account.
 *
 * Unlike equation 35 of YellowFin it does not take the share of the gradient for granted. Asynchrony that adds momentum μ_S
 * scales the gradient's share to 1 − μ_S, and this is where the regression looks for it.
 */
import type { MomentumEstimator } from "./momentum-estimator.ts";

/** β of the sums: about a hundred steps of one worker. */
export const regressionDecay = 0.99;

/** Two regressors count as one and the same where their determinant is less than this share of the squares' product. */
const leastDeterminant = 1e-12;

/**
 * The pair (μ̂, ν̂) that minimises  Σ β^age · Σ_i (Δ_{r+1,i} − μ·Δ_{r,i} + ν·α_r·g_i)²,  with Δ_r = x_r − x_{r−1}.
 *
 * State: Σ Δ_r², Σ Δ_r·αg, Σ (αg)², Σ Δ_{r+1}·Δ_r, Σ Δ_{r+1}·αg, each with its decay.
 *
 * Source of the model: Mitliagkas, Zhang, Hadjis, Ré, "Asynchrony begets Momentum", arXiv:1605.09774, Theorem 3.
 */
export const momentumRegression: MomentumEstimator = {
  stateLength: () => 5,
  measure(state, { current, gradient, learningRate, next, previous }) {
    let [squares, mixed, forces, steps, answers] = [0, 0, 0, 0, 0];
    for (let i = 0; i < current.length; i++) {
      const before = current[i] - previous[i];
      const after = next[i] - current[i];
      const force = learningRate * gradient[i];
      squares += before * before;
      mixed += before * force;
      forces += force * force;
      steps += after * before;
      answers += after * force;
    }
    for (const [i, sum] of [squares, mixed, forces, steps, answers].entries()) {
      state[i] = regressionDecay * state[i] + sum;
    }
    return solve(state);
  },
};

/** μ̂ of the normal equations by Cramer's rule; NaN where gradient and step are one direction, or nothing moved. */
function solve([squares, mixed, forces, steps, answers]: ArrayLike<number> & Iterable<number>): number {
  const determinant = squares * forces - mixed * mixed;
  if (!(determinant > leastDeterminant * squares * forces)) return Number.NaN;
  return (steps * forces - answers * mixed) / determinant;
}
