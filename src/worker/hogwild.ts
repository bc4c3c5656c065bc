/**
 * The loop of threads that run free over the shared memory: seven phases per update, and nobody waits for anybody.
 *
 *   1 read      t0 = updates; copy the shared parameters out                      (seat.ts)
 *   2 batch     copy the rows of the claimed minibatch                            (seat.ts)
 *   3 gradient  loss and gradient by the engine                                   (seat.ts)
 *   4 … 7       observe, tune, apply, stamp                                       (update-step.ts)
 *
 * Every race has its number in `src/shared/RACES.md`. With a bound on staleness, workers wait or drop gradients.
 */
import type { TrainJob } from "./protocol.ts";
import type { Seat } from "./seat.ts";
import { straggle } from "./straggle.ts";
import { UpdateStep } from "./update-step.ts";
import { withSeats } from "./with-seats.ts";

/** Runs `act`, perhaps when nobody else does. @returns False when the run was stopped instead. */
export type Guard = (act: () => void) => boolean;

export function hogwild(job: TrainJob): Promise<void> {
  return runFreely(job, () => (act) => {
    act();
    return true;
  });
}

/** @param guardOf What goes around reading, and around updating. */
export function runFreely(job: TrainJob, guardOf: (seat: Seat) => Guard): Promise<void> {
  return withSeats(job, [job.rank], async ([seat]) => {
    const step = new UpdateStep(seat);
    const guard = guardOf(seat);
    for (let minibatch = seat.claim(); minibatch !== null; minibatch = seat.claim()) {
      while (!(await runOnce(seat, step, guard, minibatch))) {
        if (seat.stopped) return;
        seat.memory.dropped.next();
      }
    }
  });
}

/** One gradient from its read to its update. @returns False when it came to nothing: too stale, or the run was stopped. */
async function runOnce(seat: Seat, step: UpdateStep, guard: Guard, minibatch: number): Promise<boolean> {
  const { clock, job, memory, rank, slot } = seat;
  const { delay, maxStaleness, onStale } = job;
  const stopped = () => seat.stopped;
  const waits = maxStaleness !== null && onStale === "wait";
  if (waits && !memory.stalenessBound.begin(rank, maxStaleness, memory.updates, stopped)) return false;
  clock.start();
  if (!guard(() => seat.read(minibatch))) return false;
  clock.end(0);
  await seat.computeGradient();
  if (delay !== null) await straggle(delay, job.seed, minibatch, clock);
  let applied = false;
  guard(() => {
    // The stamp may be staler where others come in between: only `locked` knows before it applies.
    if (maxStaleness !== null && memory.updates.value - slot.readAt > maxStaleness) return;
    applied = seat.insideGate(() => step.run());
  });
  if (waits) memory.stalenessBound.end(rank, stopped);
  return applied;
}
