/** Range of the curvature: smoothed extremes of |g|² over a sliding window. */
import { addToEma, type Ema, emaValue, newEma } from "../math/ema.ts";

/** Length of the window, in updates. */
const windowLength = 20;

export type CurvatureRangeState = {
  /** The last 20 values of h = |g|², a ring; the first `min(count, 20)` are filled. Gradient units². */
  window: number[];
  /** Values that entered so far. */
  count: number;
  /** EMAs of log(min of the window) and log(max of the window). */
  logMin: Ema;
  logMax: Ema;
};

export interface CurvatureRange {
  readonly hMin: number;
  readonly hMax: number;
}

export function initCurvatureRange(): CurvatureRangeState {
  return { window: new Array(windowLength).fill(0), count: 0, logMin: newEma(), logMax: newEma() };
}

/**
 * Adds h to the window and returns the smoothed extremes.
 *
 * The average is taken of the logarithms, as in the authors' code: one spike then moves hMax by a factor, not by its
 * size. Here we leave that code: a gradient of zero says nothing of the curvature and does not enter, as its logarithm
 * would pull hMin to nothing and the learning rate with it to infinity.
 *
 * @param squaredNorm h = |g|², ≥ 0. @param decay β of the averages.
 * @returns Null as long as every gradient was zero.
 * Source: arXiv:1706.03471, Algorithm 2; the logarithm from the authors' code of October 2017.
 */
export function updateCurvatureRange(
  state: CurvatureRangeState,
  squaredNorm: number,
  decay: number,
): CurvatureRange | null {
  if (squaredNorm > 0) {
    state.window[state.count % windowLength] = squaredNorm;
    state.count++;
  }
  if (state.count === 0) return null;
  let least = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < Math.min(state.count, windowLength); i++) {
    least = Math.min(least, state.window[i]);
    largest = Math.max(largest, state.window[i]);
  }
  addToEma(state.logMin, Math.log(least), decay);
  addToEma(state.logMax, Math.log(largest), decay);
  const hMax = Math.exp(emaValue(state.logMax));
  // Rounding may turn two equal averages round by a bit.
  return { hMin: Math.min(Math.exp(emaValue(state.logMin)), hMax), hMax };
}
