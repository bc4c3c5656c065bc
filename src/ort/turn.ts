/**
 * Who uses WebGPU now: runs at the same time end the process (microsoft/onnxruntime#32561), so threads take turns.
 *
 * One lock for the process, made by its main thread; it reaches other threads with a session's handle.
 */
import { setImmediate } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { cannot, YfError } from "../errors.ts";
import { nativeAtomics as atomics } from "../shared/atomics.ts";
import { Lock } from "../shared/lock.ts";

/** So long a thread waits in all: much longer than a run takes, however slow the adapter. */
const patienceMs = 600_000;

/** So long it waits at a stretch. On the main thread the end of others must be heard of in between. */
const stretchMs = 200;

/** So long whoever had the last turn lets those go first who wait: they have to wake up. */
const courtesyMs = 20;

/**
 * The lock; who had the last turn, as its `threadId` + 1; how many threads wait. One that was ended while it waited stays in
 * that number, which costs the others a courtesy now and then, and nothing else.
 */
const cells = { lock: 0, last: 1, waiting: 2, length: 3 } as const;

/** The lock's memory. */
export const processTurn = new Int32Array(new SharedArrayBuffer(4 * cells.length));

/** Frees the turn that a thread ended in. @param thread Its `threadId`. */
export function freeTurn(thread: number): void {
  new Lock(processTurn).release(thread);
}

/** @param turn Null where there is no wait. @throws {YfError} ENGINE_FAILED after ten minutes; what `work` throws. */
export async function inTurn<T>(turn: Int32Array | null, work: () => T): Promise<T> {
  if (turn === null) return work();
  await take(turn);
  try {
    return work();
  } finally {
    new Lock(turn).release(threadId);
  }
}

async function take(turn: Int32Array): Promise<void> {
  const me = threadId + 1;
  // Else one thread would have many turns in a row, and the gradients of the others would be as many updates stale.
  if (atomics.load(turn, cells.last) === me && atomics.load(turn, cells.waiting) > 0) {
    atomics.wait(turn, cells.last, me, courtesyMs);
  }
  atomics.add(turn, cells.waiting, 1);
  try {
    await waitFor(new Lock(turn));
  } finally {
    atomics.add(turn, cells.waiting, -1);
  }
  atomics.store(turn, cells.last, me);
  atomics.notify(turn, cells.last);
}

async function waitFor(lock: Lock): Promise<void> {
  const begin = performance.now();
  let stretchEnd = begin + stretchMs;
  while (!lock.acquire(threadId, () => performance.now() > stretchEnd)) {
    if (performance.now() - begin > patienceMs) {
      const rule = "another thread must leave the WebGPU adapter within ten minutes";
      throw new YfError("ENGINE_FAILED", cannot("compute", rule), { device: "webgpu", threadId });
    }
    await setImmediate();
    stretchEnd = performance.now() + stretchMs;
  }
}
