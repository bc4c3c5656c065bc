/**
 * The estimators of total momentum by name.
 *
 * With one worker each measures exactly what is applied. With many, and the noise of minibatches, none sees all that
 * asynchrony adds: for SGD at 0.02 on an MLP with 16 random workers, where theory says 0.94, 600 updates of one seed gave 0.07
 * by the median and 0.20 by the regression. The feedback loop, with the back-off, took the MLP
 * to its target in 800, 800, 900 and 1100 updates by the median and in 750, 1000, none of 1200 and 1000 by the regression (16
 * and 32 random workers, two seeds each): the median, which is the paper's, is the default.
 */
import type { MomentumEstimator } from "./momentum-estimator.ts";
import { momentumRegression } from "./momentum-regression.ts";
import { totalMomentum } from "./total-momentum.ts";

export type MomentumEstimatorName = "median" | "regression";

/** The median of quotients of single steps, equation 35 of YellowFin, keeps nothing. */
const median: MomentumEstimator = {
  stateLength: () => 0,
  measure: (_state, { current, gradient, learningRate, next, previous }, scratch) =>
    totalMomentum(previous, current, next, gradient, learningRate, scratch),
};

export const momentumEstimators: Readonly<Record<MomentumEstimatorName, MomentumEstimator>> = {
  median,
  regression: momentumRegression,
};
