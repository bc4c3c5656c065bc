import { describe, expect, it } from "vitest";
import type { AtomicOperations } from "../../src/shared/atomics.ts";
import { nativeAtomics } from "../../src/shared/atomics.ts";
import { Counter } from "../../src/shared/counter.ts";
import { kept } from "../../src/shared/layout.ts";
import { Lock } from "../../src/shared/lock.ts";
import { StalenessBound } from "../../src/shared/staleness-bound.ts";
import { TaskBoard } from "../../src/shared/task-board.ts";
import { allocate } from "./allocate.ts";

const never = () => false;

describe("Lock", () => {
  it("is one holder's at a time, and only the holder can free it", () => {
    const lock = new Lock(new Int32Array(new SharedArrayBuffer(4)));
    expect(lock.acquire(3, never)).toBe(true);
    // Whoever is told to give up does not wait for ever.
    expect(lock.acquire(4, () => true)).toBe(false);
    expect(lock.release(4)).toBe(false);
    expect(lock.release(3)).toBe(true);
    expect(lock.acquire(4, never)).toBe(true);
  });

  it("goes to a thread that waits when the holder frees it", () => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const holder = new Lock(cell);
    holder.acquire(1, never);
    // The waiting thread sleeps; while it does, the holder leaves.
    const atomics: AtomicOperations = {
      ...nativeAtomics,
      wait: (...sleep) => {
        expect(sleep.slice(1, 3)).toEqual([0, 2]);
        holder.release(1);
        return "ok";
      },
    };
    expect(new Lock(cell, atomics).acquire(7, never)).toBe(true);
    expect(holder.release(7)).toBe(true);
  });
});

describe("StalenessBound", () => {
  const workers = 3;
  const bound = () => new StalenessBound(allocate(StalenessBound.regions(workers)));
  const updates = new Counter(new BigInt64Array(new SharedArrayBuffer(8)));

  it("lets so many gradients be in flight that none can become staler than K", () => {
    const staleness = bound();
    expect(staleness.begin(0, 1, updates, never)).toBe(true);
    expect(staleness.begin(1, 1, updates, never)).toBe(true);
    // A third one would make the first to finish last 2 updates stale.
    expect(staleness.begin(2, 1, updates, () => true)).toBe(false);
    staleness.end(0, never);
    // Worker 1's gradient has seen none of one update yet and has no other in flight: one may join.
    expect(staleness.begin(2, 1, updates, never)).toBe(true);
  });

  it("lets others read once the coordinator has forgotten the gradient of a dead worker, also one that died with the lock", () => {
    const views = allocate(StalenessBound.regions(3));
    const staleness = new StalenessBound(views);
    expect(staleness.begin(0, 0, updates, never)).toBe(true);
    expect(staleness.begin(1, 0, updates, () => true)).toBe(false);
    new Lock(views.lock).acquire(0, never);
    staleness.forget(0);
    expect(staleness.begin(1, 0, updates, never)).toBe(true);
  });

  it("of 0 lets one gradient be in flight", () => {
    const staleness = bound();
    expect(staleness.begin(0, 0, updates, never)).toBe(true);
    expect(staleness.begin(1, 0, updates, () => true)).toBe(false);
    staleness.end(0, never);
    expect(staleness.begin(1, 0, updates, never)).toBe(true);
  });
});

describe("TaskBoard", () => {
  it("gives a wanted gradient to one taker, and takes it back when it is ready", () => {
    const board = new TaskBoard(allocate(TaskBoard.regions(2, 3, kept)));
    const before = board.changes;
    expect(board.take(1, 0)).toBe(false);
    board.want(1);
    expect([board.isWanted(0), board.isWanted(1), board.isReady(1)]).toEqual([false, true, false]);
    expect(board.changes).not.toBe(before);
    expect([board.take(1, 0), board.take(1, 0)]).toEqual([true, false]);
    board.finish(1);
    expect([board.isWanted(1), board.isReady(1)]).toEqual([false, true]);
    board.clear(1);
    expect(board.isReady(1)).toBe(false);
    expect(board.schedule.length).toBe(3);
  });

  it("gives what a dead thread had taken to others, and nothing that somebody else has", () => {
    const board = new TaskBoard(allocate(TaskBoard.regions(3, 0, kept)));
    for (const worker of [0, 1, 2]) board.want(worker);
    board.take(0, 1);
    board.take(1, 0);
    board.finish(1);
    const before = board.changes;
    board.takeBack(1);
    expect(board.changes).not.toBe(before);
    expect([0, 1, 2].map((worker) => board.isWanted(worker))).toEqual([true, false, true]);
    expect(board.isReady(1)).toBe(true);
    board.take(0, 0);
    board.takeBack(1);
    expect(board.isWanted(0)).toBe(false);
  });
});
