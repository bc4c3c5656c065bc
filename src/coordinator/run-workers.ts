/**
 * Runs one job per worker and waits for all of them.
 *
 * A worker that throws or dies ends the run: the stop flag goes first, so that the others finish the update that they
 * are in; the caller then closes the pool, which cuts off whoever has not ended within the grace time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cannot, YfError } from "../errors.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import type { JobFailure, TrainJob } from "../worker/protocol.ts";
import type { WorkerPool } from "./pool.ts";
import { stopCode } from "./stop-reason.ts";

/** Time for the other workers to finish the update that they are in after one has failed. */
const graceMs = 5_000;

/** @throws {YfError} Of the first worker that fails, with its rank and update. */
export async function runWorkers(
  pool: WorkerPool,
  jobs: readonly TrainJob[],
  memory: RunMemory,
): Promise<void> {
  const running = jobs.map(async (job) => {
    try {
      await runJob(pool, job);
    } catch (error) {
      memory.stop.request(stopCode("failed"));
      throw workerFailure(error, job.rank, memory.updates.value);
    }
  });
  try {
    await Promise.all(running);
  } catch (error) {
    await Promise.race([Promise.allSettled(running), sleep(graceMs, undefined, { ref: false })]);
    throw error;
  }
}

async function runJob(pool: WorkerPool, job: TrainJob): Promise<void> {
  const failure = (await pool.run(job)) as JobFailure | null;
  if (failure !== null) throw new YfError(failure.code, failure.message, failure.details);
}

/** Gives a failure that does not know it its rank and update. */
function workerFailure(error: unknown, rank: number, update: number): YfError {
  if (error instanceof YfError) return error;
  const rule = `every worker must keep running (worker ${rank} ended at update ${update})`;
  const message = error instanceof Error ? error.message : error;
  return new YfError("WORKER_FAILED", cannot("continue training", rule, message), { rank, update }, error);
}
