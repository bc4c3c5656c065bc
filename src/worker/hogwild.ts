/**
 * The lock-free loop over the shared memory of a run: seven phases per update.
 *
 *   1 read      t0 = updates; copy the shared parameters out                      (seat.ts)
 *   2 batch     copy the rows of the claimed minibatch                            (seat.ts)
 *   3 gradient  loss and gradient by the engine                                   (seat.ts)
 *   4 observe   |g|² and the gradient mean
 *   5 tune      post the observation, try the tuner's lock, drain, publish        (shared-tuner.ts)
 *   6 apply     d ← μd − αg; x ← x + d, without a lock; t = updates++; average the iterates
 *   7 stamp     τ = t − t0; sample the iterate, measure total momentum
 *
 * Owns the order of the phases, not what they compute. Every race has its number in `src/shared/RACES.md`.
 */
import { clipScale } from "../update/clip-scale.ts";
import { IterateSamples } from "./iterate-samples.ts";
import type { Seat } from "./seat.ts";
import { SharedTuner } from "./shared-tuner.ts";

export async function hogwild(seat: Seat): Promise<void> {
  const { clock, controller, gradient, job, kernels, memory, rule, status } = seat;
  const tuner = new SharedTuner(memory, job.rank, controller);
  const samples = new IterateSamples(memory, gradient);
  let staleness = 0;
  let totalMomentum = Number.NaN;

  for (let minibatch = seat.claim(); minibatch !== null; minibatch = seat.claim()) {
    const { readAt, loss } = await seat.computeGradient(minibatch);

    const rawSquaredNorm = kernels.squaredNorm(gradient);
    if (!seat.accepts(loss, rawSquaredNorm)) continue;
    const { observeClip, applyClip } = tuner.read();
    const { squaredNorm, meanSquaredNorm } = seat.observe(rawSquaredNorm, observeClip);
    clock.end(3);

    tuner.post({ squaredNorm, meanSquaredNorm, loss, staleness, totalMomentum });
    // The pair is the newest, the clip is the one from before this observation, as in the serial algorithm.
    const hyperparameters = tuner.read();
    clock.end(4);

    const scale = clipScale(rawSquaredNorm, applyClip);
    const update = seat.insideGate(() => {
      rule.apply(
        kernels,
        memory.parameters,
        memory.vectors,
        gradient,
        hyperparameters,
        scale,
        memory.updates.value,
      );
      const stamp = memory.updates.next();
      seat.average(stamp);
      clock.end(5);
      samples.record(stamp, hyperparameters.learningRate);
      return stamp;
    });
    staleness = update - readAt;
    totalMomentum = samples.measure(readAt, scale);
    status.countUpdate(loss, staleness);
    clock.end(6);
  }
}
