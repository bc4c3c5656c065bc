/** What an estimator of total momentum is: a few numbers that it keeps, and a pure step over them. */

/** Three successive iterates at the sampled coordinates, `[S]` each, and the gradient taken at the middle one. */
export interface MeasuredStep {
  /** x_{r−1}. */
  readonly previous: ArrayLike<number>;
  /** x_r, where the gradient was computed. */
  readonly current: ArrayLike<number>;
  /** x_{r+1}. */
  readonly next: ArrayLike<number>;
  /** g at x_r, clipped as it was applied. */
  readonly gradient: ArrayLike<number>;
  /** α_r of the step out of x_r. */
  readonly learningRate: number;
}

export interface MomentumEstimator {
  /** Numbers that it keeps, all zero at first. @param sampleCount S. */
  stateLength(sampleCount: number): number;
  /**
   * Takes one step in.
   *
   * @param state Changed in place. @param scratch `[S]`, overwritten.
   * @returns μ̂, or NaN when there is nothing to measure.
   */
  measure(state: Float64Array, step: MeasuredStep, scratch: Float64Array): number;
}
