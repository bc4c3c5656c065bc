/**
 * Phases 4 to 7 of an update, the same in every mode but `serial`: what is done with a gradient once it is there.
 *
 *   4 observe   |g|² and the gradient mean
 *   5 tune      post the observation, try the tuner's lock, drain, publish        (shared-tuner.ts)
 *   6 apply     d ← μd − αg; x ← x + d; t = updates++; average the iterates
 *   7 stamp     τ = t − t0; sample the iterate, measure total momentum
 */
import { clipScale } from "../tuner/clip-scale.ts";
import { applyAndObserve, correctGradient, overStaleness } from "../update/staleness-policy.ts";
import { IterateSamples } from "./iterate-samples.ts";
import { SharedTuner } from "./shared-tuner.ts";
import type { WorkerContext } from "./worker-context.ts";

export class UpdateStep {
  readonly #worker: WorkerContext;
  readonly #tuner: SharedTuner;
  readonly #samples: IterateSamples;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
    this.#tuner = new SharedTuner(worker.memory, worker.rank, worker.controller);
    this.#samples = new IterateSamples(worker.memory, worker.rank, worker.job.momentumEstimator);
  }

  /**
   * Makes an update of the gradient in the worker's slot, unless it is not finite. Call it inside the gate.
   *
   * @returns False when the parameters it was taken at have been taken back since: it came to nothing.
   * @throws {YfError} NON_FINITE after too many in a row that were not.
   */
  run(): boolean {
    const { clock, gradient, job, kernels, memory, rank, rule, slot, status } = this.#worker;
    const { loss, readAt } = slot;
    const tuner = this.#tuner;
    if (readAt < memory.validFrom.value) return false;
    const { stalenessPolicy } = job;
    const { parameters, updates } = memory;
    const read = memory.snapshot(rank);
    const ownVectors = memory.vectors.slice(0, rule.vectors);
    const policyVectors = memory.vectors.slice(rule.vectors);
    const stale = { gradient, parameters, read, vectors: policyVectors, updates: updates.value };
    correctGradient(stalenessPolicy, kernels, stale);
    const rawSquaredNorm = kernels.squaredNorm(gradient);
    if (!this.#worker.accepts(rawSquaredNorm)) {
      this.#worker.completeBatch();
      return true;
    }
    const { observeClip, applyClip } = tuner.read();
    const observation = this.#worker.observe(rawSquaredNorm, observeClip);
    clock.end(3);

    const orders = tuner.post(observation);
    // The pair is the newest, the clip is the one from before this observation, as in the serial algorithm.
    const published = tuner.read();
    clock.end(4);

    const scale = clipScale(rawSquaredNorm, applyClip);
    const { value: applied } = updates;
    const hyperparameters = overStaleness(stalenessPolicy, published, applied - readAt);
    for (const order of orders) rule.obey?.(order, kernels, parameters, ownVectors);
    if (orders.includes("restore")) {
      memory.validFrom.value = applied + 1;
    } else {
      // What was read is of no more use, so its place is.
      applyAndObserve(stalenessPolicy, kernels, stale, read, () =>
        rule.apply(kernels, parameters, ownVectors, gradient, hyperparameters, scale, applied),
      );
      this.#worker.keepState();
    }
    const update = updates.next();
    this.#worker.completeBatch();
    this.#worker.average(update);
    clock.end(5);
    this.#samples.record(update, hyperparameters.learningRate);
    slot.lastStaleness = update - readAt;
    slot.lastTotalMomentum = this.#samples.measure(readAt, scale);
    status.countUpdate(loss, slot.lastStaleness, slot.size);
    this.#worker.plotLoss(update);
    this.#worker.recordOrder(update);
    clock.end(6);
    return true;
  }
}
