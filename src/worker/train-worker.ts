/** A training thread's whole life: open the engine, run the loop of the job's mode, close. */
import { YfError } from "../errors.ts";
import { hogwild } from "./hogwild.ts";
import type { JobFailure, Mode, TrainJob } from "./protocol.ts";
import { Seat } from "./seat.ts";
import { serial } from "./serial.ts";

const loops: Record<Mode, (seat: Seat) => Promise<void>> = { hogwild, serial };

/** @returns Null, or why the run cannot go on: thrown between threads, an error would lose its code. */
export async function trainWorker(job: TrainJob): Promise<JobFailure | null> {
  try {
    const seat = await Seat.open(job);
    try {
      await loops[job.mode](seat);
    } finally {
      await seat.close();
    }
    return null;
  } catch (error) {
    if (!(error instanceof YfError)) throw error;
    const { code, details, message } = error;
    return { code, details, message };
  }
}
