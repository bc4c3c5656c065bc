/**
 * The serial algorithm as it stands on paper: observe, tune, apply, one update after the other, nothing shared.
 *
 * It is the baseline of every comparison and the check of `hogwild.ts`: with one worker both give the same bits.
 * It uses the run's memory only as storage, which the coordinator can read and a checkpoint keep: no ring, no lock.
 */
import { hyperparametersLength } from "../shared/run-memory.ts";
import { clipScale } from "../tuner/clip-scale.ts";
import type { Hyperparameters } from "../tuner/controller.ts";
import { flattenState, unflattenState } from "../tuner/state-codec.ts";
import { IterateSamples } from "./iterate-samples.ts";
import type { TrainJob } from "./protocol.ts";
import { decodeHyperparameters, encodeHyperparameters } from "./records.ts";
import { withWorkers } from "./with-workers.ts";
import type { WorkerContext } from "./worker-context.ts";

export function serial(job: TrainJob): Promise<void> {
  return withWorkers(job, [job.rank], ([worker]) => run(worker));
}

async function run(worker: WorkerContext): Promise<void> {
  const { clock, controller, gradient, kernels, memory, rule, slot, status } = worker;
  const { parameters, tunerState, vectors } = memory;
  const samples = new IterateSamples(memory, worker.rank, worker.job.momentumEstimator);
  const state = controller.init();
  unflattenState(tunerState, state);
  const published = new Float64Array(hyperparametersLength);
  memory.hyperparameters.read(published);
  let hyperparameters: Hyperparameters = decodeHyperparameters(published);

  const update = () => {
    const rawSquaredNorm = kernels.squaredNorm(gradient);
    const accepted = worker.accepts(rawSquaredNorm);
    worker.completeBatch();
    if (!accepted) return;
    const { loss, readAt } = slot;
    const { observeClip, applyClip } = hyperparameters;
    const observation = worker.observe(rawSquaredNorm, observeClip);
    clock.end(3);

    hyperparameters = controller.update(state, observation);
    flattenState(state, tunerState);
    encodeHyperparameters(hyperparameters, published);
    memory.hyperparameters.publish(published);
    clock.end(4);

    const { learningRate, order } = hyperparameters;
    const scale = clipScale(rawSquaredNorm, applyClip);
    if (order !== undefined) rule.obey?.(order, kernels, parameters, vectors);
    if (order !== "restore") {
      rule.apply(kernels, parameters, vectors, gradient, hyperparameters, scale, readAt);
      worker.keepState();
    }
    const stamp = memory.updates.next();
    worker.average(stamp);
    clock.end(5);

    samples.record(stamp, learningRate);
    slot.lastTotalMomentum = samples.measure(readAt, scale);
    status.countUpdate(loss, 0, slot.size);
    worker.plotLoss(stamp);
    clock.end(6);
  };

  for (let minibatch = worker.claimBatch(); minibatch !== null; minibatch = worker.claimBatch()) {
    clock.start();
    worker.read(minibatch);
    clock.end(0);
    await worker.computeGradient();
    worker.insideGate(update);
  }
}
