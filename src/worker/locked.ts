/**
 * The loop of `hogwild.ts` with one lock around reading and another turn of it around updating: no torn parameters and no
 * lost updates, at the price of waiting. What hogwild is compared with.
 */
import { runFreely } from "./hogwild.ts";
import type { TrainJob } from "./protocol.ts";

export function locked(job: TrainJob): Promise<void> {
  return runFreely(job, (seat) => (act) => {
    const { clock, memory } = seat;
    const { updateLock } = memory;
    if (!updateLock.acquire(job.rank, () => seat.stopped)) return false;
    // Waiting belongs to no phase.
    clock.start();
    try {
      act();
    } finally {
      updateLock.release(job.rank);
    }
    return true;
  });
}
