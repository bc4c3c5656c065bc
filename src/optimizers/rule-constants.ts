/** The constants of update rules that a run may choose, where an optimizer of TensorFlow.js stands for one. */

/** Constants of rules; each rule has its own default for those that it knows, and ignores the others. */
export interface RuleConstants {
  /** Decay of the mean gradient, in [0, 1). */
  readonly beta1?: number;
  /** Decay of the mean or the largest squared gradient, in [0, 1). */
  readonly beta2?: number;
  /** Decay of the mean squares, in [0, 1). */
  readonly rho?: number;
  /** What keeps divisors from 0. */
  readonly epsilon?: number;
  /** Of the sum of squares, before the first gradient. */
  readonly initialAccumulator?: number;
  /** The learning rate is divided by 1 + decay × updates, ≥ 0. */
  readonly decay?: number;
}
