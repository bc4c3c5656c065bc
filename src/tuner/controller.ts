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
  /** Mean loss of the minibatch; NaN where it is unknown. */
  readonly loss: number;
  /** τ, updates applied between this gradient's read and its write (of this worker's previous update). */
  readonly staleness: number;
  /** μ̂, total momentum measured since this worker's previous observation; NaN when there is none. */
  readonly totalMomentum: number;
  /** q·(x̄ − r), of the scaled gradient q and the way from where it was taken to the average; 0 where a rule keeps none. */
  readonly alignment: number;
  /** |q|², of that scaled gradient; without unit, ≥ 0. */
  readonly squaredDirection: number;
  /** |x − x₀|² where the gradient was taken, 0 where the rule keeps no x₀. Parameter units², ≥ 0. */
  readonly squaredDistance: number;
}

/** What the workers apply until the next observation; published in shared memory. */
export interface Hyperparameters {
  /** Algorithmic momentum μ, in [−0.9, 0.999]. */
  readonly momentum: number;
  /** Learning rate α, > 0, everything included (slow start, back-off, `learningRateFactor`). */
  readonly learningRate: number;
  /** Norm to which the NEXT gradient is clipped before it is observed; Infinity for none. */
  readonly observeClip: number;
  /** Norm to which the NEXT gradient is clipped before it is applied; Infinity for none. */
  readonly applyClip: number;
  /** c in (0, 1], weight of the newest iterate in the rule's own average; 1 where the rule counts for itself. */
  readonly averageWeight: number;
  /** 1/(1 − β₂ᵗ) ≥ 1 after t gradients in the rule's second moment; 1 where the rule counts for itself. */
  readonly secondCorrection: number;
  /** ε ≥ 0 in the divisor of scaled gradients, in their units; of no meaning to rules that have their own. */
  readonly epsilon: number;
}

/** What is shown of a decision; nothing is computed with it. */
export interface TunerTelemetry {
  /** Momentum that the tuner aims at, algorithmic and asynchronous together. */
  readonly targetMomentum: number;
  /** Smoothed measured total momentum, NaN where it is not measured. */
  readonly totalMomentum: number;
}

/**
 * What an update rule is told to do with its vectors before the next update. `save`: keep the model and what belongs to it. `restore`: return to the model that was saved before the last
 * one, and forget the gradients that were taken since.
 */
export type RuleCommand = "save" | "restore";

/** @typeParam T What it shows; more than {@link TunerTelemetry} where it has more to tell. */
export interface Decision<T extends TunerTelemetry = TunerTelemetry> {
  readonly hyperparameters: Hyperparameters;
  readonly telemetry: T;
  /** For the worker whose observation led to it; null for nothing. */
  readonly command: RuleCommand | null;
}

/** Numbers and fixed-length arrays of numbers, nested at will. */
export type State = { [key: string]: number | number[] | State };

/**
 * @typeParam S What it keeps between updates.
 * @typeParam T What it shows of a decision.
 */
export interface Controller<S extends State = State, T extends TunerTelemetry = TunerTelemetry> {
  /** Whether it reads `meanSquaredNorm`; the workers keep the gradient mean only if somebody does. */
  readonly needsGradientMean: boolean;
  init(): S;
  /** What the first update runs with, before anything was observed. */
  start(): Decision;
  /** Changes `state` in place and returns what to apply for this observation's update. */
  update(state: S, observation: Observation): Decision<T>;
}

/**
 * The same decision with another learning rate.
 *
 * Here and in the controllers objects are written out: V8 puts copies that gain fields by spreading among its old objects,
 * some 100 MB of them a minute.
 */
export function withLearningRate<T extends TunerTelemetry>(
  { command, hyperparameters, telemetry }: Decision<T>,
  learningRate: number,
): Decision<T> {
  const { applyClip, averageWeight, epsilon, momentum, observeClip, secondCorrection } = hyperparameters;
  return {
    hyperparameters: {
      momentum,
      learningRate,
      observeClip,
      applyClip,
      averageWeight,
      secondCorrection,
      epsilon,
    },
    telemetry,
    command,
  };
}

/** β of EMA(g), the gradient mean that workers keep in shared memory for the tuner's variance. */
export const gradientMeanDecay = 0.999;
