/**
 * What is done about the staleness of one gradient when it is applied, whatever the rule: nothing, a smaller step, or a
 * correction of the gradient.
 */
import type { Kernels } from "../kernels/kernels.ts";

export type StalenessPolicy = "none" | "lr-over-tau" | "delay-compensated";

/** λ of the constant form, as for CIFAR-10 in the paper. */
const compensation = 0.04;

/**
 * Divides the learning rate by τ where τ > 1.
 *
 * Source: Zhang, Gupta, Lian, Liu, "Staleness-aware Async-SGD for Distributed Deep Learning", arXiv:1511.05950, eq. 5.
 */
export function stepOverStaleness(policy: StalenessPolicy, learningRate: number, staleness: number): number {
  return policy === "lr-over-tau" ? learningRate / Math.max(1, staleness) : learningRate;
}

/**
 * Moves a gradient towards where the parameters are by now:  g ← g + λ·g²·(x − r)  elementwise, g² standing for the
 * Hessian's diagonal.
 *
 * Source: Zheng et al., "Asynchronous Stochastic Gradient Descent with Delay Compensation", arXiv:1609.08326, Algorithm 2
 * with constant λ.
 *
 * @param parameters x as they are now, read without a lock (R2). @param read r, those that the gradient was taken at.
 */
export function compensateDelay(
  policy: StalenessPolicy,
  kernels: Kernels,
  gradient: Float32Array,
  parameters: Float32Array,
  read: Float32Array,
): void {
  if (policy === "delay-compensated") kernels.compensate(gradient, parameters, read, compensation);
}
