/**
 * An alarm for a loss that leaves its lowest level: a running mean with its variance, and a one-sided cumulative sum.
 *
 * It answers within a few losses, long before the means of two blocks could be told apart, and is built to be wrong now
 * and then rather than late. Source: E. S. Page, "Continuous inspection schemes", Biometrika 1954.
 */

/** Losses behind the running mean and variance; as many must have come before the alarm is armed. */
const window = 20;
/** A loss counts as at most so many standard deviations above the mean. */
const largestDeviation = 4;
/** And its square as at most so many variances. */
const largestSquare = 9;
/** What a loss takes off the cumulative sum, in standard deviations, and the sum that raises the alarm. */
const allowance = 1;
const threshold = 5;

export type LossAlarmState = {
  /** Losses so far. */
  count: number;
  /** e, running mean; of no meaning before the first loss. */
  mean: number;
  /** q, running variance. */
  variance: number;
  /** Lowest e since the alarm was armed; of no meaning before. */
  least: number;
  /** C ≥ 0, in standard deviations. */
  sum: number;
};

export function initLossAlarm(): LossAlarmState {
  return { count: 0, mean: 0, variance: 0, least: 0, sum: 0 };
}

export const isArmed = ({ count }: LossAlarmState): boolean => count >= window;

/**
 * Takes one loss ℓ in:  C ← max(0, C + min(4, (ℓ − min e)/√q) − 1),  then e and q over about 20 losses.
 *
 * @param loss Finite, at most 1e150 in size.
 * @returns Whether C > 5.
 */
export function updateLossAlarm(state: LossAlarmState, loss: number): boolean {
  const armed = isArmed(state);
  if (armed) {
    const deviation = (loss - state.least) / Math.max(Math.sqrt(state.variance), Number.MIN_VALUE);
    state.sum = Math.max(0, state.sum + Math.min(largestDeviation, deviation) - allowance);
  }
  addToMoments(state, loss, armed);
  if (isArmed(state)) state.least = armed ? Math.min(state.least, state.mean) : state.mean;
  return state.sum > threshold;
}

function addToMoments(state: LossAlarmState, loss: number, armed: boolean): void {
  const gain = 1 / Math.min(++state.count, window);
  const most = armed ? state.mean + largestDeviation * Math.sqrt(state.variance) : Number.POSITIVE_INFINITY;
  const deviation = state.count === 1 ? 0 : Math.min(loss, most) - state.mean;
  if (state.count === 1) state.mean = loss;
  const square = armed
    ? Math.min(deviation * deviation, largestSquare * state.variance)
    : deviation * deviation;
  state.mean += gain * deviation;
  state.variance += gain * (square - state.variance);
}
