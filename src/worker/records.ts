/**
 * How observations and hyperparameters lie in the float64 records of shared memory.
 *
 * Ring record: [ticket, |g|², |EMA(g)|², loss, τ, μ̂, |x − x₀|²]. Mailbox record: [μ, α, observeClip, applyClip, μ*, μ̂ smoothed,
 * c, 1/(1 − β₂ᵗ)]; the last two NaN where there are none.
 */
import type { Hyperparameters, Observation } from "../tuner/controller.ts";

export function encodeObservation(ticket: number, observation: Observation, record: Float64Array): void {
  record[0] = ticket;
  record[1] = observation.squaredNorm;
  record[2] = observation.meanSquaredNorm;
  record[3] = observation.loss;
  record[4] = observation.staleness;
  record[5] = observation.totalMomentum;
  record[6] = observation.squaredDistance ?? 0;
}

export function decodeObservation(record: Float64Array): Observation {
  const [, squaredNorm, meanSquaredNorm, loss, staleness, totalMomentum, squaredDistance] = record;
  return { squaredNorm, meanSquaredNorm, loss, staleness, totalMomentum, squaredDistance };
}

export function encodeHyperparameters(values: Hyperparameters, record: Float64Array): void {
  record[0] = values.momentum;
  record[1] = values.learningRate;
  record[2] = values.observeClip;
  record[3] = values.applyClip;
  record[4] = values.targetMomentum;
  record[5] = values.totalMomentum;
  record[6] = values.averageWeight ?? Number.NaN;
  record[7] = values.secondCorrection ?? Number.NaN;
}

export function decodeHyperparameters(record: Float64Array): Hyperparameters {
  const [momentum, learningRate, observeClip, applyClip, targetMomentum, totalMomentum] = record;
  const [averageWeight, secondCorrection] = record.subarray(6);
  return {
    momentum,
    learningRate,
    observeClip,
    applyClip,
    targetMomentum,
    totalMomentum,
    averageWeight,
    secondCorrection,
  };
}
