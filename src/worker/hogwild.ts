/**
 * The loop of threads that run free over the shared memory: seven phases per update, and no worker waits for another.
 *
 *   1 … 3       read, batch, gradient                                             (worker-context.ts)
 *   4 … 7       observe, tune, apply, stamp                                       (update-step.ts)
 *
 * Every race has its number in `src/shared/RACES.md`. With a bound on staleness, workers wait or drop gradients.
 */
import { injectDelay } from "./inject-delay.ts";
import type { TrainJob } from "./protocol.ts";
import { SharedTuner } from "./shared-tuner.ts";
import { UpdateStep } from "./update-step.ts";
import { withWorkers } from "./with-workers.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Runs `act`, alone where a lock says so. @returns False when the run was stopped instead. */
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
    const { controller, memory, rank } = worker;
    const step = new UpdateStep(worker, new SharedTuner(memory, rank, controller));
    const guard = guardOf(worker);
    for (let minibatch = worker.claimBatch(); minibatch !== null; minibatch = worker.claimBatch()) {
      while (!(await runOnce(worker, step, guard, minibatch))) {
        if (worker.stopped) return;
        memory.dropped.next();
      }
    }
  });
}

/** One gradient from its read to its update. @returns False when there was none: the gradient is too stale, or the run stopped. */
async function runOnce(
  worker: WorkerContext,
  step: UpdateStep,
  guard: Guard,
  minibatch: number,
): Promise<boolean> {
  const { clock, delay, memory, rank, slot, spec } = worker;
  const { maxStaleness, onStale } = spec.staleness;
  const stopped = () => worker.stopped;
  const waits = maxStaleness !== null && onStale === "wait";
  if (waits && !memory.stalenessBound.begin(rank, maxStaleness, memory.updates, stopped)) return false;
  clock.start();
  if (!guard(() => worker.read(minibatch))) return false;
  await worker.computeGradient();
  if (delay !== null) await injectDelay(delay, spec.randomness.seed, minibatch, clock);
  let applied = false;
  guard(() => {
    // Other updates may still come between this look and the stamp (R10): only `locked` knows before it applies.
    if (maxStaleness !== null && memory.updates.value - slot.readAt > maxStaleness) return;
    applied = worker.insideGate(() => step.run());
  });
  if (waits) memory.stalenessBound.end(rank, stopped);
  return applied;
}
