/**
 * The average of the latest iterates: what a run evaluates and saves.
 *
 * The iterates of a constant learning rate never settle, and stale gradients throw them off for a while now and then;
 * their average does neither. It forgets the past at the pace at which the run grows, so that it needs no horizon.
 * Source: Shamir, Zhang, "Stochastic Gradient Descent for Non-smooth Optimization", arXiv:1212.1824, polynomial decay.
 */
import type { Kernels } from "../kernels/kernels.ts";

/** η: the average reaches back over about 1/(η + 1) of the run. */
const eta = 8;

/** Successive iterates are much alike, so that one in so many does, at so much less work. */
const averageEvery = 8;

/**
 * x̄ ← x̄ + (η + 1)/(n + η)·(x − x̄)  after updates number 0, 8, 16, …, the n-th of them with n = 1, 2, …
 *
 * @param update Number of the update that made `parameters`, ≥ 0.
 * @param parameters x, `[P]`. @param average x̄, `[P]`, changed in place.
 */
export function averageIterate(
  kernels: Kernels,
  update: number,
  parameters: Float32Array,
  average: Float32Array,
): void {
  if (update % averageEvery !== 0) return;
  const n = update / averageEvery + 1;
  kernels.observe(parameters, average, 1, 1 - Math.min(1, (eta + 1) / (n + eta)));
}
