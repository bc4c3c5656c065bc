/**
 * What is done about the staleness of one gradient when it is applied, whatever the rule: nothing, a smaller step, a
 * smaller or corrected gradient; or about that of all, by steering the momentum.
 */
import type { Kernels } from "../kernels/kernels.ts";

/**
 * `closed-loop` is the controller's matter (`tuner/fixed-step.ts`), `drop` that of the loop of free threads, by the bound on
 * staleness that goes with it (`worker/hogwild.ts`); the others are this file's.
 */
export type StalenessPolicy =
  | "none"
  | "lr-over-tau"
  | "gap-aware"
  | "delay-compensated"
  | "drop"
  | "closed-loop";

/** λ of the constant form, as for CIFAR-10 in the paper. */
const compensation = 0.04;

/** Decay of the mean squared step of each coordinate. */
const stepDecay = 0.999;
/** Keeps a coordinate that never moved from dividing zero by zero. */
const epsilon = 1e-12;

/** Vectors of the parameters' length that a policy keeps, after those of the update rule. */
export function policyVectors(policy: StalenessPolicy): number {
  return policy === "gap-aware" ? 1 : 0;
}

/**
 * Divides the learning rate by τ where τ > 1.
 *
 * Source: Zhang, Gupta, Lian, Liu, "Staleness-aware Async-SGD for Distributed Deep Learning", arXiv:1511.05950, eq. 5.
 */
export function overStaleness<H extends { readonly learningRate: number }>(
  policy: StalenessPolicy,
  hyperparameters: H,
  staleness: number,
): H {
  if (policy !== "lr-over-tau") return hyperparameters;
  return { ...hyperparameters, learningRate: hyperparameters.learningRate / Math.max(1, staleness) };
}

/** Where a gradient was taken, where it is applied, and what the policy keeps. */
export interface StaleGradient {
  /** g, `[P]`, changed in place. */
  readonly gradient: Float32Array;
  /** x as it is now, read without a lock (R2). */
  readonly parameters: Float32Array;
  /** r, the parameters that the gradient was taken at. */
  readonly read: Float32Array;
  /** The policy's vectors, `[P]` each. */
  readonly vectors: readonly Float32Array[];
  /** Updates applied so far by all workers, ≥ 0. */
  readonly updates: number;
}

/**
 * Changes a gradient for what happened to the parameters since it was taken.
 *
 * `delay-compensated`:  g ← g + λ·g²·(x − r)  elementwise, g² standing for the Hessian's diagonal.
 * Source: Zheng et al., "Asynchronous Stochastic Gradient Descent with Delay Compensation", arXiv:1609.08326, Algorithm 2
 * with constant λ.
 *
 * `gap-aware`:  g ← g / (|x − r|/C + 1)  elementwise: a gradient counts the less the more typical steps lie between.
 * C is the root-mean-square step of the coordinate over about 1000 updates. Here we leave the paper: its C is the mean size
 * of momentum times the largest learning rate of a schedule, and rules without momentum or with a tuner have neither.
 * Source: Barkai, Hakimi, Schuster, "Gap Aware Mitigation of Gradient Staleness", arXiv:1909.10802, §4.
 */
export function correctGradient(policy: StalenessPolicy, kernels: Kernels, stale: StaleGradient): void {
  const { gradient, parameters, read, updates, vectors } = stale;
  if (policy === "delay-compensated") kernels.compensate(gradient, parameters, read, compensation);
  if (policy === "gap-aware" && updates > 0) {
    kernels.divideByGap(gradient, parameters, read, vectors[0], 1 / (1 - stepDecay ** updates), epsilon);
  }
}

/**
 * Makes an update and learns from the step.
 *
 * @param scratch `[P]`, overwritten. Steps of others that come in between count as part of this one.
 */
export function applyAndObserve(
  policy: StalenessPolicy,
  kernels: Kernels,
  { parameters, vectors }: Pick<StaleGradient, "parameters" | "vectors">,
  scratch: Float32Array,
  apply: () => void,
): void {
  const observes = policy === "gap-aware";
  if (observes) kernels.copy(parameters, scratch);
  apply();
  if (observes) kernels.observeStep(parameters, scratch, vectors[0], stepDecay);
}
