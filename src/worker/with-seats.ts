/** Opens seats, uses them and closes them, however that ends. */
import type { TrainJob } from "./protocol.ts";
import { Seat } from "./seat.ts";

/** @param ranks Of the workers whose seats they are, at least one. */
export async function withSeats(
  job: TrainJob,
  ranks: readonly number[],
  use: (seats: readonly [Seat, ...Seat[]]) => Promise<void>,
): Promise<void> {
  const seats = await Promise.all(ranks.map((rank) => Seat.open(job, rank)));
  try {
    await use(seats as unknown as [Seat, ...Seat[]]);
  } finally {
    for (const seat of seats) await seat.close();
  }
}
