/** Opens seats, uses them and closes them, however that ends. */
import { RunMemory } from "../shared/run-memory.ts";
import type { TrainJob } from "./protocol.ts";
import { Seat } from "./seat.ts";

/** @param ranks Of the workers whose seats they are, at least one. */
export async function withSeats(
  job: TrainJob,
  ranks: readonly number[],
  use: (seats: readonly [Seat, ...Seat[]]) => Promise<void>,
): Promise<void> {
  const seats = await insideNative(job, () => Promise.all(ranks.map((rank) => Seat.open(job, rank))));
  try {
    await use(seats as unknown as [Seat, ...Seat[]]);
  } finally {
    await insideNative(job, async () => {
      for (const seat of seats) await seat.close();
    });
  }
}

/** Engines are opened and closed by native code, too. */
async function insideNative<T>({ memory, rank }: TrainJob, act: () => Promise<T>): Promise<T> {
  const { native, shape } = RunMemory.attach(memory);
  const place = rank % shape.workers;
  native.enter(place);
  try {
    return await act();
  } finally {
    native.leave(place);
  }
}
