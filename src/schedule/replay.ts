/**
 * The order in which a run of free threads read and wrote, once more.
 *
 * Each update is three integers: the worker, how many updates it had seen when it read, its minibatch. Free threads may
 * read while others write; a replay reads between updates, so it repeats the order and not the torn reads.
 */
import type { DueTask, Schedule } from "./schedule.ts";

/** Integers of one update in a recorded order: worker, readAt, minibatch. */
export const orderStride = 3;

/** A run's order of reads and writes. */
export interface RecordedOrder {
  /** Workers of the run. */
  readonly workers: number;
  /** Shape of each trained weight of its model, such as "5x5x1x10". */
  readonly weights: readonly string[];
  /** Worker, updates before its read, and minibatch of each update, `[3·updates]`. */
  readonly entries: Int32Array;
}

/** @throws {RangeError} For an order that no run can have had. */
export function replay({ entries, workers }: Omit<RecordedOrder, "weights">): Schedule {
  const begins = new Map<number, DueTask[]>();
  const lastUpdate = new Map<number, number>();
  const updates = entries.length / orderStride;
  for (let update = 0; update < updates; update++) {
    const [worker, readAt, minibatch] = entries.subarray(orderStride * update, orderStride * (update + 1));
    const possible =
      worker >= 0 &&
      worker < workers &&
      minibatch >= 0 &&
      readAt > (lastUpdate.get(worker) ?? -1) &&
      readAt <= update;
    if (!possible) {
      throw new RangeError(
        `Cannot replay an order: each worker must read after its own update and before the next (got worker ${worker}, read at ${readAt}, minibatch ${minibatch} as update ${update})`,
      );
    }
    lastUpdate.set(worker, update);
    const tasks = begins.get(readAt);
    const task = { worker, minibatch, due: update };
    if (tasks === undefined) begins.set(readAt, [task]);
    else tasks.push(task);
  }
  return {
    workers,
    stateLength: 0,
    begin: (_made, step) => begins.get(step) ?? [],
    next: (step) => (step < updates ? [entries[orderStride * step]] : []),
  };
}
