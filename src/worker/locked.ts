/**
 * The loop of `hogwild.ts` with one lock around reading and another turn of it around updating: no torn parameters and no
 * lost updates, at the price of waiting. What hogwild is compared with.
 */
import { runFreely } from "./hogwild.ts";
import type { TrainJob } from "./protocol.ts";

export function locked(job: TrainJob): Promise<void> {
  return runFreely(job, (worker) => (act) => {
    const { clock, memory } = worker;
    const { updateLock } = memory;
    if (!updateLock.acquire(job.rank, () => worker.stopped)) return false;
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
