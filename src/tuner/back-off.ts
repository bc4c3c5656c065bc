/**
 * The back-off: halves the learning rate when the loss has significantly risen, and lets it grow again while it falls.
 *
 * A guard that knows nothing of the controller it wraps. Delayed gradients need a smaller step than fresh ones, by how
 * much depends on the delays' distribution; instead of modelling that, it watches whether training makes progress.
 * Source: ours; the experiments are in the documentation of the closed loop.
 */
import { type Controller, type State, type TunerTelemetry, withLearningRate } from "./controller.ts";

/** Minibatch losses per decision. */
const blockLength = 50;
/** A block's mean counts as risen beyond so many standard errors. */
const significance = 3;
const cut = 0.5;
const growth = 1.05;
const decline = 0.95;
/** Weight of the newest block in the running average of block means. */
const recency = 0.2;
/** Keeps the learning rate above zero; only a million updates of rising loss would bring s there. */
const leastScale = 1e-12;
/** A loss counts as at most so much in size, so that its square stays finite. */
export const largestLoss = 1e150;

type BackOffState = {
  /** s ≥ 1e-12, multiplies the learning rate. */
  scale: number;
  /** Lowest block mean since the last cut; of no meaning before the first block. */
  best: number;
  /** Running average of block means. */
  running: number;
  /** Finished blocks. */
  blocks: number;
  /** Losses in the current block, their sum and sum of squares, about the first of them. */
  count: number;
  origin: number;
  sum: number;
  squares: number;
};

function initBackOff(): BackOffState {
  return { scale: 1, best: 0, running: 0, blocks: 0, count: 0, origin: 0, sum: 0, squares: 0 };
}

/** Takes one minibatch loss in, in place. @param loss Not counted when it is not finite. */
function updateBackOff(state: BackOffState, loss: number): void {
  if (!Number.isFinite(loss)) return;
  const counted = Math.min(largestLoss, Math.max(-largestLoss, loss));
  if (state.count === 0) state.origin = counted;
  const deviation = counted - state.origin;
  state.sum += deviation;
  state.squares += deviation * deviation;
  if (++state.count === blockLength) endBlock(state);
}

function endBlock(state: BackOffState): void {
  const mean = state.origin + state.sum / blockLength;
  const variance = Math.max(0, state.squares - (state.sum * state.sum) / blockLength) / (blockLength - 1);
  const error = Math.sqrt(variance / blockLength);
  const best = state.blocks === 0 ? Number.POSITIVE_INFINITY : state.best;
  const risen = mean - significance * error > best;
  if (risen) {
    state.scale *= cut;
    state.best = mean;
  } else {
    // In the first two blocks there is no average yet to compare with.
    const reference = state.blocks < 2 ? best : state.running;
    state.best = Math.min(best, mean);
    state.scale = mean < reference ? Math.min(1, growth * state.scale) : decline * state.scale;
  }
  state.scale = Math.max(leastScale, state.scale);
  state.running = state.blocks < 2 ? mean : state.running + recency * (mean - state.running);
  state.blocks++;
  state.count = 0;
  state.sum = 0;
  state.squares = 0;
}

/** The same controller with its learning rate multiplied by s. */
export function withBackOff<S extends State, T extends TunerTelemetry>(
  controller: Controller<S, T>,
): Controller<{ inner: S; backOff: BackOffState }, T> {
  return {
    needsGradientMean: controller.needsGradientMean,
    init: () => ({ inner: controller.init(), backOff: initBackOff() }),
    start: () => controller.start(),
    update(state, observation) {
      const decision = controller.update(state.inner, observation);
      updateBackOff(state.backOff, observation.loss);
      return withLearningRate(decision, state.backOff.scale * decision.hyperparameters.learningRate);
    },
  };
}
