/**
 * The loop of threads that run free over the shared memory: seven phases per update, and nobody waits for anybody.
 *
 *   1 read      t0 = updates; copy the shared parameters out                      (worker-context.ts)
 *   2 batch     copy the rows of the claimed minibatch                            (worker-context.ts)
 *   3 gradient  loss and gradient by the engine                                   (worker-context.ts)
 *   4 … 7       observe, tune, apply, stamp                                       (update-step.ts)
 *
 * Every race has its number in `src/shared/RACES.md`. With a bound on staleness, workers wait or drop gradients.
 */

import { injectDelay } from "./inject-delay.ts";
import type { TrainJob } from "./protocol.ts";
import { UpdateStep } from "./update-step.ts";
import { withWorkers } from "./with-workers.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Runs `act`, perhaps when nobody else does. @returns False when the run was stopped instead. */
export type Guard = (act: () => void) => boolean;

export function hogwild(job: TrainJob): Promise<void> {
  return runFreely(job, () => (act) => {
    act();
    return true;
  });
}

/** @param guardOf What goes around reading, and around updating. */
export function runFreely(job: TrainJob, guardOf: (worker: WorkerContext) => Guard): Promise<void> {
  return withWorkers(job, [job.rank], async ([worker]) => {
    const step = new UpdateStep(worker);
    const guard = guardOf(worker);
    for (let minibatch = worker.claimBatch(); minibatch !== null; minibatch = worker.claimBatch()) {
      while (!(await runOnce(worker, step, guard, minibatch))) {
        if (worker.stopped) return;
        worker.memory.dropped.next();
      }
    }
  });
}

/** One gradient from its read to its update. @returns False when it came to nothing: too stale, or the run was stopped. */
async function runOnce(
  worker: WorkerContext,
  step: UpdateStep,
  guard: Guard,
  minibatch: number,
): Promise<boolean> {
  const { clock, job, memory, rank, slot } = worker;
  const { delay, maxStaleness, onStale } = job;
  const stopped = () => worker.stopped;
  const waits = maxStaleness !== null && onStale === "wait";
  if (waits && !memory.stalenessBound.begin(rank, maxStaleness, memory.updates, stopped)) return false;
  clock.start();
  if (!guard(() => worker.read(minibatch))) return false;
  clock.end(0);
  await worker.computeGradient();
  if (delay !== null) await injectDelay(delay, job.seed, minibatch, clock);
  let applied = false;
  guard(() => {
    // The stamp may be staler where others come in between: only `locked` knows before it applies.
    if (maxStaleness !== null && memory.updates.value - slot.readAt > maxStaleness) return;
    applied = worker.insideGate(() => step.run());
  });
  if (waits) memory.stalenessBound.end(rank, stopped);
  return applied;
}
