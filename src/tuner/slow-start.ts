/** How the learning rate grows to its full size at the start of a run: the staler the gradients, the more slowly. */
import { addToEma, type Ema, newEma } from "../math/ema.ts";

const stalenessDecay = 0.95;

/** Staleness up to which the slow start is as long as without any. */
const freshStaleness = 3;

export type SlowStartState = {
  /** EMA of τ, in updates. */
  staleness: Ema;
  /** Share of the full learning rate, in [0, 1]. */
  share: number;
};

export function initSlowStart(): SlowStartState {
  return { staleness: newEma(), share: 0 };
}

/**
 * Adds one update,  f ← min(1, f + 1/T)  with  T = T₀·max(1, (1 + τ̄)/4),  and returns f.
 *
 * With fresh gradients this is min(1, (t + 1)/T₀), as in the authors' code. A step that is too large for the delay is
 * noticed only after as many updates as the delay lasts, and may leave units dead: T₀ = 200 is 50 rounds of four
 * workers, so more workers get 50 rounds too.
 *
 * @param staleness τ ≥ 0 of an update. @param updates T₀ ≥ 1.
 */
export function updateSlowStart(state: SlowStartState, staleness: number, updates: number): number {
  const mean = addToEma(state.staleness, staleness, stalenessDecay);
  state.share = Math.min(1, state.share + 1 / (updates * Math.max(1, (1 + mean) / (1 + freshStaleness))));
  return state.share;
}
