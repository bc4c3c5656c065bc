/**
 * A guard for a loss that rises: says when to save the model, and when to go back to one that was saved.
 *
 * A rise has to mean something against the noise of minibatches and against the progress made so far: minibatches with little
 * noise rise by many standard errors for nothing. What was saved last may be from after the cause of the rise, so it goes back to the
 * one before. Source: ours.
 */
import { largestLoss } from "./back-off.ts";
import type { RuleCommand } from "./controller.ts";

/** Losses behind the running mean, and rounds (harmonic mean of 1 + τ). */
const meanLosses = 10;
const meanRounds = 2;
/** A mean counts as risen beyond so many standard errors and this share of the progress so far. */
const significance = 4;
const marginOfProgress = 0.1;
export type LossGuardState = {
  /** Losses since the model was last taken back. */
  count: number;
  /** Running mean and variance; of no meaning before the first loss. */
  mean: number;
  variance: number;
  /** The first loss of the run. */
  first: number;
  /** 1 once there is a first loss. */
  begun: number;
  /** Lowest running mean, once there are enough losses in one. */
  best: number;
  /** Losses since the last save. */
  sinceSave: number;
  /** log₂ of the learning rate with which the two models were saved; of the start of the run as long as there are none. */
  newerLogRate: number;
  olderLogRate: number;
};

export function initLossGuard(): LossGuardState {
  return {
    count: 0,
    mean: 0,
    variance: 0,
    first: 0,
    begun: 0,
    best: Number.MAX_VALUE,
    sinceSave: 0,
    newerLogRate: 0,
    olderLogRate: 0,
  };
}

/**
 * Takes one minibatch loss in, in place.
 *
 * @param loss Not counted when it is not finite.
 * @param wait Updates until a gradient answers, harmonic mean of 1 + τ.
 * @param logRate log₂ of the present learning rate.
 * @returns The command, and log₂ of the learning rate that the model was saved with that it goes back to.
 */
export function updateLossGuard(
  state: LossGuardState,
  loss: number,
  wait: number,
  logRate: number,
): { readonly command: RuleCommand | null; readonly logRate: number } {
  if (!Number.isFinite(loss)) return { command: null, logRate };
  const counted = Math.min(largestLoss, Math.max(-largestLoss, loss));
  if (state.begun === 0) {
    state.begun = 1;
    state.first = counted;
    state.newerLogRate = logRate;
    state.olderLogRate = logRate;
  }
  const length = meanLosses + meanRounds * wait;
  addLoss(state, counted, length);
  if (state.count < length) return { command: null, logRate };
  state.best = Math.min(state.best, state.mean);
  const error = Math.sqrt(state.variance / length);
  const progress = Math.max(0, state.first - state.best);
  if (state.mean - state.best > significance * error + marginOfProgress * progress) {
    return { command: "restore", logRate: goBack(state) };
  }
  if (++state.sinceSave < length || state.mean > state.best + error) return { command: null, logRate };
  state.sinceSave = 0;
  state.olderLogRate = state.newerLogRate;
  state.newerLogRate = logRate;
  return { command: "save", logRate };
}

function addLoss(state: LossGuardState, loss: number, length: number): void {
  const gain = 1 / Math.min(++state.count, length);
  if (state.count === 1) {
    state.mean = loss;
    state.variance = 0;
    return;
  }
  const deviation = loss - state.mean;
  state.mean += gain * deviation;
  state.variance += gain * (deviation * deviation - state.variance);
}

function goBack(state: LossGuardState): number {
  state.newerLogRate = state.olderLogRate;
  state.count = 0;
  state.best = Number.MAX_VALUE;
  state.sinceSave = 0;
  return state.olderLogRate;
}
