/** What a dead thread leaves in shared memory is set free, so that the others, and its successor, can continue. */
import type { RunSpec } from "../options/run-spec.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import type { RunMemory } from "../shared/run-memory.ts";

/**
 * Frees what a thread held that does nothing any more.
 *
 * @returns True if it died in the middle of an update, which is then half done (R7 in RACES.md). In the order of a schedule
 *   nothing is freed then: only who knows where the update broke off could continue.
 */
export function reclaimDeadWorker(
  memory: RunMemory,
  mode: RunSpec["interleaving"]["mode"],
  rank: number,
): boolean {
  const { board, gate, native, shape, stalenessBound, tunerLock, updateLock } = memory;
  if (isOrdered(mode)) {
    const workers = Array.from({ length: shape.workers }, (_, worker) => worker);
    // Only the holder of the board's lock makes updates, in the place of whichever worker it is the turn of.
    if (board.lock.holder === rank && workers.some((worker) => gate.isInside(worker))) return true;
    board.lock.release(rank);
    board.takeBack(rank);
    return false;
  }
  const inside = gate.isInside(rank);
  tunerLock.release(rank);
  updateLock.release(rank);
  stalenessBound.forget(rank);
  gate.leave(rank);
  native.leave(rank);
  return inside;
}

/** Frees whatever anybody held: when no thread does anything any more, and the memory is about to be another state's. */
export function reclaimAllWorkers(memory: RunMemory, threads: number): void {
  const { board, gate, native, shape, stalenessBound, tunerLock, updateLock } = memory;
  for (let rank = 0; rank < Math.max(threads, shape.workers); rank++) {
    tunerLock.release(rank);
    updateLock.release(rank);
    board.lock.release(rank);
  }
  for (let worker = 0; worker < shape.workers; worker++) {
    stalenessBound.forget(worker);
    gate.leave(worker);
    native.leave(worker);
  }
}
