/**
 * Phases 4 to 7 of an update, the same in every mode: what is done with a gradient once it is computed.
 *
 *   4 observe   correct g for staleness; |g|² and the gradient mean       (observe-gradient.ts)
 *   5 tune      momentum and learning rate from the observation           (shared-tuner.ts, or alone in serial.ts)
 *   6 apply     v ← μv − αg; x ← x + v; t = updates++; average the iterates
 *   7 stamp     τ = t − t0; sample the iterate, measure total momentum, count
 *
 * A loss that phase 3 left in the worker's slot ends in phase 7: in the worker's sums and in the curve of losses.
 */
import { orderStride } from "../schedule/replay.ts";
import { curveBlock } from "../shared/run-shape.ts";
import { phase } from "../shared/worker-status.ts";
import { clipScale } from "../tuner/clip-scale.ts";
import type { Hyperparameters, RuleCommand } from "../tuner/controller.ts";
import { clipGradient } from "../update/clip-gradient.ts";
import { averageIterate } from "../update/iterate-average.ts";
import {
  applyAndObserve,
  correctGradient,
  overStaleness,
  type StaleGradient,
} from "../update/staleness-policy.ts";
import { vectorCount } from "../update/update-rule.ts";
import { acceptGradient } from "./accept-gradient.ts";
import { IterateSamples } from "./iterate-samples.ts";
import { observeGradient } from "./observe-gradient.ts";
import type { SharedTuner } from "./shared-tuner.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Phase 5 as an update sees it: takes an observation, publishes what is to be applied. */
export type Tuner = Pick<SharedTuner, "post" | "read">;

export class UpdateStep {
  readonly #worker: WorkerContext;
  readonly #tuner: Tuner;
  readonly #samples: IterateSamples;
  /** The shared vectors of the staleness policy, behind those of the update rule. */
  readonly #policyVectors: readonly Float32Array[];

  constructor(worker: WorkerContext, tuner: Tuner) {
    const { memory, rank, rule, spec } = worker;
    this.#worker = worker;
    this.#tuner = tuner;
    this.#samples = new IterateSamples(memory, rank, spec.staleness.momentumEstimator);
    this.#policyVectors = memory.vectors.slice(vectorCount(rule));
  }

  /**
   * Makes an update of the gradient in the worker's slot, or skips it if it is not finite. Only inside the gate.
   *
   * @returns False when the parameters that it was taken at have been taken back since: its minibatch has to be used again.
   * @throws {YfError} NON_FINITE after too many in a row that were not finite.
   */
  run(): boolean {
    const { clock, gradient, kernels, memory, rank, slot, spec } = this.#worker;
    const { stalenessPolicy } = spec.staleness;
    if (slot.readAt < memory.validFrom.value) return false;
    const stale: StaleGradient = {
      gradient,
      parameters: memory.parameters,
      read: memory.snapshot(rank),
      vectors: this.#policyVectors,
      updates: memory.updates.value,
    };
    correctGradient(stalenessPolicy, kernels, stale);
    const computedSquaredNorm = kernels.squaredNorm(gradient);
    if (!acceptGradient(this.#worker, computedSquaredNorm)) {
      this.#worker.completeBatch();
      return true;
    }
    const rawSquaredNorm = clipGradient(spec.optimizer, kernels, gradient, computedSquaredNorm);
    // Clips are those published before this observation; momentum and learning rate, below, include it.
    const { applyClip } = this.#tuner.read();
    const observation = observeGradient(this.#worker, rawSquaredNorm, this.#tuner.read());
    clock.end(phase.observe);

    const commands = this.#tuner.post(observation);
    const published = this.#tuner.read();
    clock.end(phase.tune);

    const applied = memory.updates.value;
    const hyperparameters = overStaleness(stalenessPolicy, published, applied - slot.readAt);
    const scale =
      clipScale(rawSquaredNorm, applyClip) *
      clipScale(observation.squaredDirection, Math.sqrt(memory.parameters.length));
    this.#apply(stale, commands, hyperparameters, scale, applied);
    const update = memory.updates.next();
    this.#worker.completeBatch();
    if (memory.shape.averages === 1) {
      averageIterate(kernels, update, memory.parameters, memory.average);
    }
    clock.end(phase.apply);

    this.#stamp(update, hyperparameters.learningRate, scale);
    clock.end(phase.stamp);
    return true;
  }

  /** Commands of the tuner come first; an update that takes the model back applies nothing. */
  #apply(
    stale: StaleGradient,
    commands: readonly RuleCommand[],
    hyperparameters: Hyperparameters,
    scale: number,
    applied: number,
  ): void {
    const { kernels, memory, nextState, rule, ruleVectors, spec } = this.#worker;
    const { gradient, parameters, read } = stale;
    for (const command of commands) rule.execute?.(command, kernels, parameters, ruleVectors);
    if (commands.includes("restore")) {
      memory.validFrom.value = applied + 1;
      return;
    }
    // The copy that the gradient was taken at has served its purpose, so it is the scratch space.
    applyAndObserve(spec.staleness.stalenessPolicy, kernels, stale, read, () =>
      rule.apply(kernels, parameters, ruleVectors, gradient, hyperparameters, scale, applied),
    );
    // The state after this worker's step replaces that of the others (R12).
    kernels.copy(nextState, memory.state);
  }

  #stamp(update: number, learningRate: number, scale: number): void {
    const { memory, rank, slot, status } = this.#worker;
    const { curve, order } = memory;
    const { loss, minibatch, readAt, size } = slot;
    this.#samples.record(update, learningRate);
    slot.lastStaleness = update - readAt;
    slot.lastTotalMomentum = this.#samples.measure(readAt, scale);
    status.countUpdate(loss, slot.lastStaleness, size);

    const block = Math.floor(update / curveBlock);
    if (block < curve.length) curve[block] += loss;

    const place = orderStride * update;
    if (place >= order.length) return;
    order[place] = rank;
    order[place + 1] = readAt;
    order[place + 2] = minibatch;
  }
}
