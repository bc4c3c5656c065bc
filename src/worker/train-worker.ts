/** A training thread's whole life: the loop of the job's mode. */
import { leaveThread } from "../engine/leave-thread.ts";
import { YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { hogwild } from "./hogwild.ts";
import { locked } from "./locked.ts";
import { ordered } from "./ordered.ts";
import type { JobFailure, TrainJob } from "./protocol.ts";
import { serial } from "./serial.ts";

const loops: Record<RunSpec["interleaving"]["mode"], (job: TrainJob) => Promise<void>> = {
  hogwild,
  locked,
  serial,
  sync: ordered,
  "round-robin": ordered,
  "random-worker": ordered,
  timed: ordered,
  replay: ordered,
};

/** @returns Null, or why the run cannot continue: thrown between threads, an error would lose its code. */
export async function trainWorker(job: TrainJob): Promise<JobFailure | null> {
  try {
    await loops[job.spec.interleaving.mode](job);
    return null;
  } catch (error) {
    if (!(error instanceof YfError)) throw error;
    const { code, details, message } = error;
    return { code, details, message };
  } finally {
    await leaveThread(job.programs[0].engine);
  }
}
