/**
 * The serial algorithm as it stands on paper: observe, tune, apply, one update after the other, nothing shared.
 *
 * It is the baseline of every comparison and the check of `hogwild.ts`: with one worker both give the same bits.
 * It uses the run's memory only as storage, which the coordinator can read and a checkpoint keep: no ring, no lock.
 */
import { hyperparametersLength } from "../shared/run-memory.ts";
import type { Hyperparameters } from "../tuner/controller.ts";
import { flattenState, unflattenState } from "../tuner/state-codec.ts";
import { clipScale } from "../update/clip-scale.ts";
import { IterateSamples } from "./iterate-samples.ts";
import type { TrainJob } from "./protocol.ts";
import { decodeHyperparameters, encodeHyperparameters } from "./records.ts";
import type { Seat } from "./seat.ts";
import { withSeats } from "./with-seats.ts";

export function serial(job: TrainJob): Promise<void> {
  return withSeats(job, [job.rank], ([seat]) => run(seat));
}

async function run(seat: Seat): Promise<void> {
  const { clock, controller, gradient, kernels, memory, rule, slot, status } = seat;
  const { parameters, tunerState, vectors } = memory;
  const samples = new IterateSamples(memory, seat.rank, seat.job.momentumEstimator);
  const state = controller.init();
  unflattenState(tunerState, state);
  const published = new Float64Array(hyperparametersLength);
  memory.hyperparameters.read(published);
  let hyperparameters: Hyperparameters = decodeHyperparameters(published);

  const update = () => {
    const rawSquaredNorm = kernels.squaredNorm(gradient);
    const accepted = seat.accepts(rawSquaredNorm);
    seat.settle();
    if (!accepted) return;
    const { loss, readAt } = slot;
    const { observeClip, applyClip } = hyperparameters;
    const observation = seat.observe(rawSquaredNorm, observeClip);
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
      seat.keepState();
    }
    const stamp = memory.updates.next();
    seat.average(stamp);
    clock.end(5);

    samples.record(stamp, learningRate);
    slot.lastTotalMomentum = samples.measure(readAt, scale);
    status.countUpdate(loss, 0, slot.size);
    seat.plotLoss(stamp);
    clock.end(6);
  };

  for (let minibatch = seat.claim(); minibatch !== null; minibatch = seat.claim()) {
    clock.start();
    seat.read(minibatch);
    clock.end(0);
    await seat.computeGradient();
    seat.insideGate(update);
  }
}
