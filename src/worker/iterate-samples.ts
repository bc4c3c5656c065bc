/**
 * Phase 7's measurement: the total momentum that this worker's gradient reveals about the run.
 *
 * The gradient was computed at iterate r = t0. Sampled coordinates of x_{r−1}, x_r, x_{r+1} and the learning rate of the
 * step out of r come from the shared ring; what is made of them is in `momentum-estimators/`.
 */

import type { MomentumEstimator } from "../momentum-estimators/momentum-estimator.ts";
import {
  type MomentumEstimatorName,
  momentumEstimators,
} from "../momentum-estimators/momentum-estimators.ts";
import type { RunMemory } from "../shared/run-memory.ts";

export class IterateSamples {
  readonly #memory: RunMemory;
  readonly #estimator: MomentumEstimator;
  readonly #kept: Float64Array;
  readonly #gradient: Float32Array;
  readonly #previous: Float32Array;
  readonly #current: Float32Array;
  readonly #next: Float32Array;
  readonly #sampledGradient: Float32Array;
  readonly #scratch: Float64Array;

  /** @param rank Of the worker whose gradient it is. */
  constructor(memory: RunMemory, rank: number, estimator: MomentumEstimatorName) {
    const { sampleCount } = memory.shape;
    this.#memory = memory;
    this.#estimator = momentumEstimators[estimator];
    this.#kept = memory.estimator(rank);
    this.#gradient = memory.gradient(rank);
    this.#previous = new Float32Array(sampleCount);
    this.#current = new Float32Array(sampleCount);
    this.#next = new Float32Array(sampleCount);
    this.#sampledGradient = new Float32Array(sampleCount);
    this.#scratch = new Float64Array(sampleCount);
  }

  /** Records the iterate that update number `update` made, and the learning rate that made it. */
  record(update: number, learningRate: number): void {
    const { iterates, parameters, sampleIndices } = this.#memory;
    iterates.setStep(update, learningRate);
    iterates.write(update + 1, parameters, sampleIndices);
  }

  /**
   * μ̂ from this worker's gradient, computed at iterate `readAt` and scaled by `scale` when it was applied.
   *
   * @returns NaN when an iterate it needs does not exist yet or was overwritten (staler than the ring is long).
   */
  measure(readAt: number, scale: number): number {
    const { iterates, sampleIndices } = this.#memory;
    if (
      readAt < 1 ||
      !iterates.read(readAt - 1, this.#previous) ||
      !iterates.read(readAt, this.#current) ||
      !iterates.read(readAt + 1, this.#next)
    ) {
      return Number.NaN;
    }
    const learningRate = iterates.stepOf(readAt);
    for (let i = 0; i < sampleIndices.length; i++) {
      this.#sampledGradient[i] = scale * (this.#gradient[sampleIndices[i]] as number);
    }
    const step = {
      previous: this.#previous,
      current: this.#current,
      next: this.#next,
      gradient: this.#sampledGradient,
      learningRate,
    };
    return this.#estimator.measure(this.#kept, step, this.#scratch);
  }
}
