/**
 * DoG, distance over gradients: a learning rate that needs no tuning, from how far the iterates have come.
 *
 *   α_t = r̄_t / √(Σ_{i ≤ t} |g_i|² + ε),  r̄_t = max(r_ε, max_{i ≤ t} |x_i − x_0|),  r_ε = 1e-6·(1 + |x_0|)
 *
 * Its guarantees are for the polynomial-decay average of the iterates, which a run evaluates and saves unless told
 * otherwise. Distances are those of the iterates at which gradients were taken, so a stale gradient brings a stale one.
 * Source: Ivgi, Hinder, Carmon, "DoG is SGD's Best Friend", arXiv:2302.12022, equation (DoG) and §4.
 */
import { cannot } from "../errors.ts";
import type { Controller, Decision } from "./controller.ts";
import { type MomentumMeter, meterMomentum, newMomentumMeter } from "./momentum-meter.ts";

export type DogState = {
  /** Σ |g|². Gradient units². */
  squares: number;
  /** r̄². Parameter units². */
  squaredDistance: number;
  meter: MomentumMeter;
};

export interface DogSettings {
  /** |x_0|, ≥ 0. */
  readonly initialNorm: number;
  /** Multiplies the learning rate, > 0. */
  readonly learningRateFactor: number;
}

/** First movement, relative to 1 + |x_0|. */
const firstMovement = 1e-6;
const epsilon = 1e-8;
/** Keeps squares and sums of what float32 gradients can be finite. */
const largest = 1e300;

/** @throws {RangeError} If the norm is not finite and ≥ 0, or the factor not finite and > 0. */
export function dog({ initialNorm, learningRateFactor }: DogSettings): Controller<DogState> {
  if (!(initialNorm >= 0 && initialNorm < Number.POSITIVE_INFINITY)) {
    throw new RangeError(cannot("create a controller", "initialNorm must be finite and ≥ 0", initialNorm));
  }
  if (!(learningRateFactor > 0 && learningRateFactor < Number.POSITIVE_INFINITY)) {
    const rule = "learningRateFactor must be finite and > 0";
    throw new RangeError(cannot("create a controller", rule, learningRateFactor));
  }
  const first = firstMovement * (1 + initialNorm);
  const decide = (learningRate: number, totalMomentum: number): Decision => ({
    hyperparameters: {
      momentum: 0,
      learningRate: learningRateFactor * learningRate,
      observeClip: Number.POSITIVE_INFINITY,
      applyClip: Number.POSITIVE_INFINITY,
      averageWeight: 1,
      secondCorrection: 1,
      epsilon: 0,
    },
    telemetry: { targetMomentum: 0, totalMomentum },
    command: null,
  });
  return {
    needsGradientMean: false,
    init: () => ({ squares: 0, squaredDistance: first * first, meter: newMomentumMeter() }),
    // Never applied: the first update is made of what the first observation says.
    start: () => decide(first, Number.NaN),
    update(state, { squaredDistance, squaredNorm, totalMomentum }) {
      state.squares = Math.min(largest, state.squares + squaredNorm);
      state.squaredDistance = Math.min(largest, Math.max(state.squaredDistance, squaredDistance));
      const learningRate = Math.sqrt(state.squaredDistance / (state.squares + epsilon));
      return decide(learningRate, meterMomentum(state.meter, totalMomentum));
    },
  };
}
