/**
 * The order of a deterministic run: which worker's gradient makes which update, and when each worker reads.
 *
 * A schedule is pure functions over a few numbers of state, so that any thread can continue where another one stopped, and
 * a checkpoint can hold it. Workers here are simulated: threads compute their gradients in any order and at any speed,
 * the updates come out in this one.
 */

/** A worker that reads the parameters now and computes the gradient of a minibatch. */
export interface GradientTask {
  readonly worker: number;
  /** Number of the minibatch, 0, 1, … */
  readonly minibatch: number;
}

/** A task as handed out: of several, the one with the lower `due` is used first, as far as the schedule can tell. */
export interface DueTask extends GradientTask {
  readonly due: number;
}

export interface Schedule {
  /** Simulated workers. */
  readonly workers: number;
  /** float64 numbers of state, zero before {@link begin} is called first. */
  readonly stateLength: number;
  /**
   * Lets workers read the parameters as they are now, and notes it in `state`.
   *
   * @param made Workers whose gradients have just been applied; all of them where nothing is under way.
   * @param step Number of updates that the schedule has made, those by `made` included.
   */
  begin(made: readonly number[], step: number, state: Float64Array): DueTask[];
  /**
   * Workers whose gradients, averaged, make the next update, in that order; empty when the run is over.
   *
   * @param step Number of updates that the schedule has made, skipped ones included.
   */
  next(step: number, state: Float64Array): readonly number[];
}
