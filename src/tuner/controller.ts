/**
 * What a tuner is to the rest of the package: a pure pair of `init` and `update` over plain state.
 *
 * Owns the types that the workers' tune phase, the serial loop and the library class share. A state consists of
 * finite numbers and arrays of numbers of fixed length only, so that it can live in shared memory, in a
 * checkpoint and in JSON alike.
 */

/** What one minibatch gradient tells the tuner. */
export interface Observation {
  /** h = |g|², of the gradient as clipped to `observeClip`. Gradient units², ≥ 0. */
  readonly squaredNorm: number;
  /** |EMA(g)|² over the whole gradient vector, not debiased, decay {@link gradientMeanDecay}. */
  readonly meanSquaredNorm: number;
  /** |x − x₀|² where the gradient was taken, absent or 0 where nobody wants to know it. Parameter units², ≥ 0. */
  readonly squaredDistance?: number;
  /** Mean loss of the minibatch; NaN where nobody knows it. */
  readonly loss: number;
  /** τ, updates applied between this gradient's read and its write (of this worker's previous update). */
  readonly staleness: number;
  /** μ̂, total momentum measured since this worker's previous observation; NaN when there is none. */
  readonly totalMomentum: number;
}

/** What the workers apply until the next observation. */
export interface Hyperparameters {
  /** Algorithmic momentum μ, in [−0.9, 0.999]. */
  readonly momentum: number;
  /** Learning rate α, > 0, everything included (slow start, back-off, `learningRateFactor`). */
  readonly learningRate: number;
  /** Norm to which the NEXT gradient is clipped before it is observed; Infinity for none. */
  readonly observeClip: number;
  /** Norm to which the NEXT gradient is clipped before it is applied; Infinity for none. */
  readonly applyClip: number;
  /** Momentum that the tuner aims at, algorithmic and asynchronous together. */
  readonly targetMomentum: number;
  /** Smoothed measured total momentum, NaN where it is not measured. For people to look at. */
  readonly totalMomentum: number;
  /** c in (0, 1], weight of the newest iterate in the rule's own average. Absent where the rule counts for itself. */
  readonly averageWeight?: number;
  /** 1/(1 − β₂ᵗ) ≥ 1 after t gradients in the rule's second moment. Absent where the rule counts for itself. */
  readonly secondCorrection?: number;
  /**
   * What is to be done with the rule's vectors first, absent for nothing. It is for the worker whose observation led to it,
   * and is not published.
   */
  readonly order?: VectorOrder | undefined;
}

/**
 * `restart`: go on from the model, the average begins anew. `save`: keep the model and what belongs to it. `restore`: go
 * back to the model that was saved before the last one, and forget the gradients that were taken since.
 */
export type VectorOrder = "restart" | "save" | "restore";

/** Numbers and fixed-length arrays of numbers, nested at will. */
export type State = { [key: string]: number | number[] | State };

/**
 * @typeParam S What it keeps between updates.
 * @typeParam H What it returns; more than {@link Hyperparameters} where it has more to tell.
 */
export interface Controller<S extends State = State, H extends Hyperparameters = Hyperparameters> {
  /** Whether it reads `meanSquaredNorm`; the workers keep the gradient mean only if somebody does. */
  readonly needsGradientMean: boolean;
  init(): S;
  /** What the first update runs with, before anything was observed. */
  start(): Hyperparameters;
  /** Changes `state` in place and returns what to apply for this observation's update. */
  update(state: S, observation: Observation): H;
}

/** β of EMA(g), the gradient mean that workers keep in shared memory for the tuner's variance. */
export const gradientMeanDecay = 0.999;
