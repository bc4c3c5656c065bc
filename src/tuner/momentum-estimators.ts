/** The estimators of total momentum by name. */
import type { MomentumEstimator } from "./momentum-estimator.ts";
import { momentumRegression } from "./momentum-regression.ts";
import { smoothedRatio } from "./smoothed-ratio.ts";
import { totalMomentum } from "./total-momentum.ts";

export type MomentumEstimatorName = "median" | "smoothed-ratio" | "regression";

/** The median of quotients of single steps, equation 35 of YellowFin, keeps nothing. */
const median: MomentumEstimator = {
  stateLength: () => 0,
  measure: (_state, { current, gradient, learningRate, next, previous }, scratch) =>
    totalMomentum(previous, current, next, gradient, learningRate, scratch),
};

export const momentumEstimators: Readonly<Record<MomentumEstimatorName, MomentumEstimator>> = {
  median,
  "smoothed-ratio": smoothedRatio,
  regression: momentumRegression,
};
