/**
 * Who uses WebGPU now: runs at the same time end the process (microsoft/onnxruntime#32561), so threads take turns.
 *
 * One lock for the process, made by its main thread; it reaches other threads with a session's handle.
 */
import { setImmediate } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { cannot, YfError } from "../errors.ts";
import { Lock } from "../shared/lock.ts";

/** So long a thread waits in all: much longer than a run takes, however slow the adapter. */
const patienceMs = 600_000;

/** So long it waits at a stretch. On the main thread the end of others must be heard of in between. */
const stretchMs = 200;

/** The lock's memory. */
export const processTurn = new Int32Array(new SharedArrayBuffer(4));

/** Frees the turn that a thread ended in. @param thread Its `threadId`. */
export function freeTurn(thread: number): void {
  new Lock(processTurn).release(thread);
}

/** @param turn Null where nobody needs to wait. @throws {YfError} ENGINE_FAILED after ten minutes; what `work` throws. */
export async function inTurn<T>(turn: Int32Array | null, work: () => T): Promise<T> {
  if (turn === null) return work();
  const lock = new Lock(turn);
  const begin = performance.now();
  let stretchEnd = begin + stretchMs;
  while (!lock.acquire(threadId, () => performance.now() > stretchEnd)) {
    if (performance.now() - begin > patienceMs) {
      const rule = "another thread must leave the WebGPU adapter within ten minutes";
      throw new YfError("ENGINE_FAILED", cannot("compute", rule, "none that did"));
    }
    await setImmediate();
    stretchEnd = performance.now() + stretchMs;
  }
  try {
    return work();
  } finally {
    lock.release(threadId);
  }
}
