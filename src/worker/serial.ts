/**
 * The serial algorithm as it stands on paper: observe, tune, apply, one update after the other, nothing shared.
 *
 * It is the baseline of every comparison and the check of `hogwild.ts`: with one worker both give the same bits.
 * It uses the run's memory only as storage that the coordinator can read: no ring, no lock, no mailbox for the pair.
 */
import { hyperparametersLength } from "../shared/run-memory.ts";
import type { Hyperparameters } from "../tuner/controller.ts";
import { momentumEstimators } from "../tuner/momentum-estimators.ts";
import { clipScale } from "../update/clip-scale.ts";
import type { TrainJob } from "./protocol.ts";
import { encodeHyperparameters } from "./records.ts";
import type { Seat } from "./seat.ts";
import { withSeats } from "./with-seats.ts";

export function serial(job: TrainJob): Promise<void> {
  return withSeats(job, [job.rank], ([seat]) => run(seat));
}

async function run(seat: Seat): Promise<void> {
  const { clock, controller, gradient, kernels, memory, rule, status } = seat;
  const { parameters, sampleIndices, vectors } = memory;
  const state = controller.init();
  const published = new Float64Array(hyperparametersLength);
  const sample = (values: Float32Array) =>
    Float32Array.from(sampleIndices, (index) => values[index] as number);
  const scratch = new Float64Array(sampleIndices.length);
  const estimator = momentumEstimators[seat.job.momentumEstimator];
  const kept = memory.estimator(seat.rank);

  let hyperparameters: Hyperparameters = controller.start();
  let measured = Number.NaN;
  let previous: Float32Array | null = null;
  let current = sample(parameters);

  for (let minibatch = seat.claim(); minibatch !== null; minibatch = seat.claim()) {
    clock.start();
    seat.read(minibatch);
    clock.end(0);
    await seat.computeGradient();
    const rawSquaredNorm = kernels.squaredNorm(gradient);
    if (!seat.accepts(rawSquaredNorm)) continue;
    const { loss } = seat.slot;

    const { observeClip, applyClip } = hyperparameters;
    const observed = seat.observe(rawSquaredNorm, observeClip);
    clock.end(3);

    hyperparameters = controller.update(state, { ...observed, loss, staleness: 0, totalMomentum: measured });
    encodeHyperparameters(hyperparameters, published);
    memory.hyperparameters.publish(published);
    clock.end(4);

    const { learningRate } = hyperparameters;
    const scale = clipScale(rawSquaredNorm, applyClip);
    const update = seat.insideGate(() => {
      const { order } = hyperparameters;
      if (order !== undefined) rule.obey?.(order, kernels, parameters, vectors);
      if (order !== "restore") {
        rule.apply(kernels, parameters, vectors, gradient, hyperparameters, scale, memory.updates.value);
        seat.keepState();
      }
      const stamp = memory.updates.next();
      seat.average(stamp);
      return stamp;
    });
    clock.end(5);

    const next = sample(parameters);
    const sampled = { current, next, gradient: sample(gradient).map((g) => scale * g), learningRate };
    measured = previous === null ? Number.NaN : estimator.measure(kept, { previous, ...sampled }, scratch);
    previous = current;
    current = next;
    status.countUpdate(loss, 0, seat.slot.size);
    seat.plotLoss(update);
    clock.end(6);
  }
}
