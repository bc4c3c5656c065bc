/** A training thread's whole life: open the engine, run the loop of the job's mode, close. */
import { hogwild } from "./hogwild.ts";
import type { Mode, TrainJob } from "./protocol.ts";
import { Seat } from "./seat.ts";
import { serial } from "./serial.ts";

const loops: Record<Mode, (seat: Seat) => Promise<void>> = { hogwild, serial };

export async function trainWorker(job: TrainJob): Promise<void> {
  const seat = await Seat.open(job);
  try {
    await loops[job.mode](seat);
  } finally {
    await seat.close();
  }
}
