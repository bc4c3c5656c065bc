/**
 * Runs one job per worker and waits for all of them.
 *
 * A worker that throws or dies ends the run: the stop flag goes first, so that the others finish the update that they
 * are in; the caller then closes the pool, which cuts off whoever has not ended within the grace time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cannot, YfError } from "../errors.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import type { TrainJob } from "../worker/protocol.ts";
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
      await pool.run(job);
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

/** Gives a failure its rank and update. A YfError loses its class between threads, but keeps its fields. */
function workerFailure(error: unknown, rank: number, update: number): YfError {
  const { code, details, message } = error as Partial<YfError>;
  if (code === "NON_FINITE") return new YfError(code, String(message), details, error);
  return new YfError(
    "WORKER_FAILED",
    cannot(
      "continue training",
      `every worker must keep running (worker ${rank} ended at update ${update})`,
      message ?? error,
    ),
    { rank, update },
    error,
  );
}
