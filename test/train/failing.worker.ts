/** A training thread that fails in the way that the job's seed asks for, on rank 1. */
import type { TrainJob } from "../../src/worker/protocol.ts";
import { trainWorker } from "../../src/worker/train-worker.ts";

export default function failing(job: TrainJob): Promise<unknown> {
  if (job.rank === 1) {
    if (job.seed === 1) throw new Error("out of luck");
    if (job.seed === 2) process.exit(7);
  }
  return trainWorker(job);
}
