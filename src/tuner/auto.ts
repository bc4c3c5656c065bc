/**
 * The tuner of `auto`: a learning rate that is found by a ramp and kept by the back-off, for schedule-free Adam.
 *
 * The ramp doubles s, the factor of the learning rate, every 20 + τ̄ updates until the loss leaves its lowest level. By
 * then s is too large and may have killed units that no smaller step brings back. So the ramp keeps two checkpoints, each
 * taken at a loss lower than the one before and one doubling apart, and ends by going back to the older of them: model,
 * second moment and s of a moment that training has improved on since.
 *
 * Source: ours, over Defazio et al., "The Road Less Scheduled", arXiv:2405.15682; the proof of its safety is the benchmark
 * `auto-safety`.
 */
import { cannot } from "../errors.ts";
import { addToEma, type Ema, emaValue, newEma } from "../math/ema.ts";
import { type BackOffState, beginBackOff, initBackOff, largestLoss, updateBackOff } from "./back-off.ts";
import type { Controller, Decision, Hyperparameters, RuleCommand } from "./controller.ts";
import { initLossAlarm, isArmed, type LossAlarmState, updateLossAlarm } from "./loss-alarm.ts";

/** Learning rate at s = 1, where the ramp begins. */
const firstLearningRate = 3e-4;
/**
 * Updates in which the ramp doubles s, and between two checkpoints, while gradients are fresh; each update of staleness
 * adds one. What a step does is seen only after the staleness, in as many losses as the alarm averages.
 */
const doublingUpdates = 20;
/** The ramp ends here at the latest, where the loss is one that no step size can raise. */
const largestScale = 1e6;

/** Of the mean |g|², and of the mean staleness, which begins at zero and has to be known soon. */
const normDecay = 0.99;
const stalenessDecay = 0.95;
/** β₂ of the second moment in the update rule. */
const secondDecay = 0.999;
/** Gradients are clipped to so many times their root-mean-square norm, once so many have come. */
const clipFactor = 10;
const clipAfter = 10;
const largestSquaredNorm = 1e300;

/** What belongs to a model that was kept. */
type Checkpoint = {
  /** s at that time. */
  scale: number;
  /** e, the running mean of the loss; {@link largestLoss} at the start of the run. */
  loss: number;
  /** Gradients in the second moment. */
  moments: number;
  norm: Ema;
};

export type AutoState = {
  /** 1 while the ramp lasts, then 0. */
  ramping: number;
  /** EMA of |g|². Gradient units². */
  norm: Ema;
  /** EMA of τ, in updates. */
  staleness: Ema;
  /** Gradients in the second moment. */
  moments: number;
  /** W = Σ s² over the iterates in the average. */
  weightSum: number;
  /** Losses still to be ignored, as they are from before a cut. */
  ignored: number;
  alarm: LossAlarmState;
  /** Holds s. */
  backOff: BackOffState;
  /** Updates since the newer checkpoint. */
  sinceCheckpoint: number;
  newer: Checkpoint;
  older: Checkpoint;
};

type Choice = Pick<Hyperparameters, "averageWeight" | "secondCorrection"> & {
  /** s, ≥ 0. */
  readonly scale: number;
  /** Norm that gradients are clipped to; Infinity for none. */
  readonly clip: number;
  readonly command: RuleCommand | null;
};

const startOfRun = (): Checkpoint => ({ scale: 1, loss: largestLoss, moments: 0, norm: newEma() });

/** @throws {RangeError} If the factor is not finite and > 0. */
export function auto({
  learningRateFactor,
}: {
  /** Multiplies the learning rate, > 0. */
  readonly learningRateFactor: number;
}): Controller<AutoState> {
  if (!(learningRateFactor > 0 && learningRateFactor < Number.POSITIVE_INFINITY)) {
    const rule = "learningRateFactor must be finite and > 0";
    throw new RangeError(cannot("create a controller", rule, learningRateFactor));
  }
  const decide = ({ scale, clip, averageWeight, secondCorrection, command }: Choice): Decision => ({
    hyperparameters: {
      momentum: 0,
      learningRate: learningRateFactor * firstLearningRate * scale,
      observeClip: clip,
      applyClip: clip,
      averageWeight,
      secondCorrection,
    },
    telemetry: { targetMomentum: 0, totalMomentum: Number.NaN },
    command,
  });
  return {
    needsGradientMean: false,
    init: () => ({
      ramping: 1,
      norm: newEma(),
      staleness: newEma(),
      moments: 0,
      weightSum: 0,
      ignored: 0,
      alarm: initLossAlarm(),
      backOff: initBackOff(),
      sinceCheckpoint: 0,
      newer: startOfRun(),
      older: startOfRun(),
    }),
    start: () =>
      decide({
        scale: 1,
        clip: Number.POSITIVE_INFINITY,
        averageWeight: 1,
        secondCorrection: 1,
        command: null,
      }),
    update(state, { loss, squaredNorm, staleness }) {
      addToEma(state.norm, Math.min(largestSquaredNorm, squaredNorm), normDecay);
      const delay = addToEma(state.staleness, staleness, stalenessDecay);
      state.moments++;
      const command = takeLoss(state, loss, delay);
      const { scale } = state.backOff;
      const square = scale * scale;
      state.weightSum += square;
      const known = state.moments >= clipAfter;
      const clip = known ? clipFactor * Math.sqrt(emaValue(state.norm)) : Number.POSITIVE_INFINITY;
      const secondCorrection = 1 / (1 - secondDecay ** Math.max(1, state.moments));
      return decide({ scale, clip, averageWeight: square / state.weightSum, secondCorrection, command });
    },
  };
}

/** @param loss Not counted when it is not finite. @param delay τ̄. */
function takeLoss(state: AutoState, loss: number, delay: number): RuleCommand | null {
  if (!Number.isFinite(loss)) return null;
  if (state.ignored > 0) {
    state.ignored--;
    return null;
  }
  if (state.ramping === 1) return climb(state, loss, delay);
  if (!updateBackOff(state.backOff, loss, largestScale)) return null;
  state.weightSum = 0;
  state.ignored = Math.ceil(2 * delay + 1);
  return "restart";
}

/** One update of the ramp. */
function climb(state: AutoState, loss: number, delay: number): RuleCommand | null {
  const { alarm, backOff, newer } = state;
  const { scale } = backOff;
  const raised = updateLossAlarm(alarm, Math.min(largestLoss, Math.max(-largestLoss, loss)));
  // Its test of means notices a slow rise; what it makes of s is for after the ramp.
  const risen = updateBackOff(backOff, loss, largestScale);
  if (raised || risen) return turnBack(state);
  backOff.scale = Math.min(largestScale, scale * 2 ** (1 / (doublingUpdates + delay)));
  const isApart = ++state.sinceCheckpoint >= doublingUpdates + delay;
  if (!isArmed(alarm) || alarm.mean >= newer.loss || !isApart) return null;
  state.older = newer;
  const { moments, norm } = state;
  state.newer = { scale: backOff.scale, loss: alarm.mean, moments, norm: { ...norm } };
  state.sinceCheckpoint = 0;
  return "save";
}

function turnBack(state: AutoState): RuleCommand {
  const { loss, moments, norm, scale } = state.older;
  state.ramping = 0;
  state.moments = moments;
  state.norm = { ...norm };
  state.weightSum = 0;
  // The loss of that time is what the back-off's first block is judged by; the start of the run has none.
  state.backOff = loss === largestLoss ? { ...initBackOff(), scale } : beginBackOff(scale, loss);
  return "restore";
}
