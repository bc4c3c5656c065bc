/**
 * The tuner of `auto`: a closed loop that holds the learning rate where gradients neither agree with the way behind them
 * nor turn against it, and a guard that goes back to an earlier model when the loss rises all the same.
 *
 * The loop measures, for every gradient, its alignment ρ with the way from the average x̄ of past iterates to the point r
 * where the gradient was taken:
 *
 *     ρ = 2 q·(x̄ − r) / ((1 − β) ᾱ |q|²),   q the scaled gradient, ᾱ the learning rate of that way.
 *
 * A random walk has ρ = 0. While the model descends ρ is positive, and α grows. Iterates that can get no further, because
 * they swing or because noise holds them, have ρ → −1, and α shrinks in proportion to a power of time. As r and x̄ are those
 * of the time when the gradient was taken, staleness does not hide that the iterates swing. ρ has no unit: it is the same
 * whatever the loss, the targets or the features are multiplied by.
 *
 * Staleness sets the clocks: how long the average remembers, how fast α may grow, how much of its growth is taken back at a
 * turn, as nothing was known yet of what it did.
 *
 * Source: ours. That gradients turn against their past once an iterate is stationary is due to G. Ch. Pflug, "Non-asymptotic
 * confidence bounds for stochastic approximation algorithms with constant step size", Monatshefte für Mathematik 1990.
 */
import { cannot } from "../errors.ts";
import type { Controller, Decision, Observation, RuleCommand } from "./controller.ts";
import { initLossGuard, type LossGuardState, updateLossGuard } from "./loss-guard.ts";

/** β, share of the average in the point at which gradients are taken. */
export const autoInterpolation = 0.7;
/** β₂ of the second moment in the update rule. */
export const autoSecondDecay = 0.99;

/** Learning rate at the start, unless the first loss and gradient allow more. */
const firstLearningRate = 1e-3;
/** And more is this share of the step that would end at a loss of zero if the loss were linear. */
const firstShare = 1 / 300;

/** Iterates in the average: those of so many rounds of all workers, and some more. */
const averagedRounds = 6;
const averagedUpdates = 10;
/** Updates in which α may double, and rounds (the harmonic mean of 1 + τ, which says how soon a gradient answers). */
const doublingUpdates = 3;
const doublingRounds = 0.7;
/** ρ at which α grows half as fast as it may. */
const halfSpeed = 4;
/** Updates and rounds over which ρ is averaged. */
const alignedUpdates = 4;
const alignedRounds = 2;
/** α shrinks as t^(−1.5|ρ|³), |ρ| counting as at most 1.2; log₂ α by at most 0.05 an update. */
const shrinking = 1.5;
const shrinkingPower = 3;
const largestTurn = 1.2;
const largestShrinkage = 0.05;
const largestAlignment = 1e6;
/** Added to t there, so that the first updates do not shrink α to nothing. */
const settlingUpdates = 50;

/** log₂ of what α is multiplied by when the guard goes back. */
const cut = 2;
/** Above the α that a cut led to, growth is so much slower; that limit doubles every so many updates. */
const caution = 8;
const limitDoublingUpdates = 200;

/** Of staleness, per update; the first observations count more. */
const stalenessGain = 0.02;
/** Observations that what is assumed of staleness counts for. */
const assumedObservations = 3;

/**
 * A gradient this small against the root-mean-square of the first one moves its weight the less the smaller it is. Where classes can
 * be told apart without error all gradients vanish in agreement, and steps that did not would go on for ever.
 */
const negligible = 1e-5;
/** Only keeps zero from dividing zero. */
const leastEpsilon = 1e-30;
/** Below this share of the first loss the rate grows no more, for the same reason. */
const lowLoss = 0.01;

const leastLogRate = -120;
const largestLogRate = 60;
const noLimit = 1e9;

export interface AutoSettings {
  /** Multiplies the learning rate that it starts with, > 0. */
  readonly learningRateFactor: number;
  /** Workers whose gradients take turns, ≥ 1: what is assumed of staleness before it is measured. */
  readonly workers: number;
  /** P, number of parameters, ≥ 1. */
  readonly parameterCount: number;
}

export type AutoState = {
  /** Observations so far. */
  updates: number;
  /** Observations since the model was last taken back. */
  sinceRestore: number;
  /** log₂ α. */
  logRate: number;
  /** What log₂ α was on average over the observations that ρ is averaged over. */
  laggingLogRate: number;
  /** log₂ of the α above which growth is slow. */
  limit: number;
  /** Mean α over the iterates in the average. */
  meanRate: number;
  /** Mean of τ, in updates, and of 1/(1 + τ). */
  staleness: number;
  promptness: number;
  /** Means whose ratio is ρ, of its numerator and of |q|², and observations in them. */
  way: number;
  squares: number;
  aligned: number;
  /** 1 while ρ is positive. */
  descending: number;
  /** Gradients in the second moment. */
  moments: number;
  /** ε, in gradient units. */
  epsilon: number;
  guard: LossGuardState;
};

/** @throws {RangeError} If the factor is not finite and > 0. */
export function auto(settings: AutoSettings): Controller<AutoState> {
  const { learningRateFactor, workers } = settings;
  if (!(learningRateFactor > 0 && learningRateFactor < Number.POSITIVE_INFINITY)) {
    const rule = "learningRateFactor must be finite and > 0";
    throw new RangeError(cannot("create a controller", rule, learningRateFactor));
  }
  const firstLogRate = Math.log2(learningRateFactor * firstLearningRate);
  return {
    needsGradientMean: false,
    init: () => ({
      updates: 0,
      sinceRestore: 0,
      logRate: firstLogRate,
      laggingLogRate: firstLogRate,
      limit: noLimit,
      meanRate: 0,
      staleness: workers - 1,
      promptness: 1 / workers,
      way: 0,
      squares: 0,
      aligned: 0,
      descending: 1,
      moments: 0,
      epsilon: leastEpsilon,
      guard: initLossGuard(),
    }),
    start: () => decide(2 ** firstLogRate, 1 / 2, 0, leastEpsilon, null),
    update(state, observation) {
      const { loss, squaredNorm, staleness } = observation;
      if (++state.updates === 1) {
        state.logRate = startingLogRate(settings, loss, squaredNorm);
        state.epsilon = Math.max(leastEpsilon, negligible * Math.sqrt(squaredNorm / settings.parameterCount));
      }
      if (state.updates > workers) measureStaleness(state, staleness, workers);
      const wait = 1 / state.promptness;
      const command = guardLoss(state, loss, wait);
      if (command !== "restore") {
        state.sinceRestore++;
        state.moments++;
        adaptRate(state, observation, wait, workers);
      }
      const weight = averageWeight(state);
      const rate = 2 ** state.logRate;
      state.meanRate = state.sinceRestore <= 1 ? rate : state.meanRate + weight * (rate - state.meanRate);
      return decide(rate, weight, state.moments, state.epsilon, command);
    },
  };
}

function decide(
  learningRate: number,
  weight: number,
  moments: number,
  epsilon: number,
  command: RuleCommand | null,
): Decision {
  return {
    hyperparameters: {
      momentum: 0,
      learningRate,
      observeClip: Number.POSITIVE_INFINITY,
      applyClip: Number.POSITIVE_INFINITY,
      averageWeight: weight,
      secondCorrection: 1 / (1 - autoSecondDecay ** Math.max(1, moments)),
      epsilon,
    },
    telemetry: { targetMomentum: 0, totalMomentum: Number.NaN },
    command,
  };
}

/** A linear loss reaches zero after a step of ℓ/Σ|g| along the signs of g, and Σ|g| ≤ |g|√P. */
function startingLogRate(
  { learningRateFactor, parameterCount }: AutoSettings,
  loss: number,
  squaredNorm: number,
): number {
  const linear = (firstShare * Math.abs(loss)) / Math.sqrt(squaredNorm * parameterCount);
  const rate = Number.isFinite(linear) ? Math.max(firstLearningRate, linear) : firstLearningRate;
  return Math.log2(learningRateFactor * rate);
}

function measureStaleness(state: AutoState, staleness: number, workers: number): void {
  const gain = Math.max(stalenessGain, 1 / (state.updates - workers + assumedObservations));
  state.staleness += gain * (staleness - state.staleness);
  state.promptness += gain * (1 / (1 + staleness) - state.promptness);
}

/** c, weight of the newest iterate in the average. */
function averageWeight({ sinceRestore, staleness }: AutoState): number {
  const averaged = averagedUpdates + averagedRounds * (1 + staleness);
  return Math.max(1 / averaged, 1 / (sinceRestore + 1));
}

/** @param wait Updates until a gradient answers, harmonic mean of 1 + τ. */
function adaptRate(state: AutoState, observation: Observation, wait: number, workers: number): void {
  const doubling = doublingUpdates + doublingRounds * wait;
  const span = alignedUpdates + alignedRounds * wait;
  state.laggingLogRate += (state.logRate - state.laggingLogRate) / Math.min(span, state.sinceRestore);
  state.limit = Math.min(noLimit, state.limit + 1 / limitDoublingUpdates);
  if (state.sinceRestore <= workers) {
    // A gradient of the very start has no way behind it.
    grow(state, 1 / doubling);
    return;
  }
  const gain = 1 / Math.min(span, ++state.aligned);
  const way = (2 * observation.alignment) / (state.meanRate * (1 - autoInterpolation));
  state.way += gain * (way - state.way);
  state.squares += gain * (observation.squaredDirection - state.squares);
  const ratio = state.way / state.squares;
  // No direction at all has no alignment; numbers beyond all use are those of gradients that underflow.
  const alignment = Number.isNaN(ratio) ? 0 : Math.max(-largestAlignment, Math.min(largestAlignment, ratio));
  if (alignment > 0) {
    state.descending = 1;
    if (!isLow(state.guard, observation.loss)) grow(state, alignment / (alignment + halfSpeed) / doubling);
    return;
  }
  if (state.descending === 1 && state.aligned > span / 2) {
    state.descending = 0;
    state.logRate = Math.min(state.logRate, state.laggingLogRate);
    return;
  }
  const turn = Math.min(largestTurn, -alignment) ** shrinkingPower;
  const shrinkage = (shrinking * turn) / (state.updates + settlingUpdates);
  state.logRate = Math.max(leastLogRate, state.logRate - Math.min(largestShrinkage, shrinkage));
}

const isLow = ({ first }: LossGuardState, loss: number): boolean => first > 0 && loss < lowLoss * first;

function grow(state: AutoState, doublings: number): void {
  const speed = state.logRate > state.limit ? 1 / caution : 1;
  state.logRate = Math.min(largestLogRate, state.logRate + speed * doublings);
}

function guardLoss(state: AutoState, loss: number, wait: number): RuleCommand | null {
  const { command, logRate } = updateLossGuard(state.guard, loss, wait, state.logRate);
  if (command !== "restore") return command;
  state.limit = state.logRate - cut;
  state.logRate = Math.max(leastLogRate, Math.min(state.limit, logRate));
  state.laggingLogRate = state.logRate;
  state.sinceRestore = 0;
  state.moments = 0;
  state.way = 0;
  state.squares = 0;
  state.aligned = 0;
  state.descending = 0;
  return command;
}
