/** A thread may be ended before any of its operations. What it leaves behind must not mislead those that continue. */
import { describe, expect, it } from "vitest";
import { type AtomicOperations, nativeAtomics } from "../../src/shared/atomics.ts";
import { Gate } from "../../src/shared/gate.ts";
import { IterateRing } from "../../src/shared/iterate-ring.ts";
import { Mailbox } from "../../src/shared/mailbox.ts";
import { RecordRing } from "../../src/shared/record-ring.ts";
import { TryLock } from "../../src/shared/try-lock.ts";
import { allocate } from "./allocate.ts";

class Death extends Error {}

/** Atomics of a thread that dies instead of its operation number `lifetime`. */
function mortalAtomics(lifetime: number): AtomicOperations {
  let left = lifetime;
  return new Proxy(nativeAtomics, {
    get: (target, name, receiver) => {
      if (left-- === 0) throw new Death();
      return Reflect.get(target, name, receiver);
    },
  });
}

/** Runs `live` with threads that die ever later, up to one that survives, and `inspect` after each. */
function dieEverywhere<T>(
  make: () => T,
  live: (shared: T, atomics: AtomicOperations) => void,
  inspect: (shared: T) => void,
): void {
  let deaths = 0;
  for (let survived = false; !survived; ) {
    const shared = make();
    try {
      live(shared, mortalAtomics(deaths));
      survived = true;
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      deaths++;
    }
    inspect(shared);
  }
  // Each of these programs has at least one operation, so at least one thread died.
  expect(deaths).toBeGreaterThan(0);
}

describe("a thread that dies before any of its operations", () => {
  it("in publish() leaves the record before, none, or its own whole, and the next publisher mends the mailbox", () => {
    dieEverywhere(
      () => {
        const views = allocate(Mailbox.regions(2));
        new Mailbox(views).publish([1, 1]);
        return views;
      },
      (views, atomics) => new Mailbox(views, atomics).publish([2, 2]),
      (views) => {
        const mailbox = new Mailbox(views);
        const record = Float64Array.of(7, 7);
        mailbox.read(record);
        expect([
          [1, 1],
          [2, 2],
          [7, 7],
        ]).toContainEqual([...record]);
        mailbox.publish([3, 3]);
        expect(mailbox.read(record)).toBe(true);
        expect([...record]).toEqual([3, 3]);
      },
    );
  });

  it("in post() leaves the ring with or without its whole record, and its successor posts on", () => {
    dieEverywhere(
      () => allocate(RecordRing.regions(3, 2)),
      (views, atomics) => new RecordRing(views, 2, atomics).post([1, -1]),
      (views) => {
        const ring = new RecordRing(views, 2);
        const before = ring.size;
        expect(ring.post([2, -2])).toBe(true);
        expect(ring.size).toBe(before + 1);
        const record = new Float64Array(2);
        while (ring.take(record)) expect(record[1]).toBe(-record[0]);
        expect(record[0]).toBe(2);
      },
    );
  });

  it("in the gate is reported by its rank, and the gate closes once the coordinator lets it leave", () => {
    dieEverywhere(
      () => allocate(Gate.regions(2)),
      (views, atomics) => {
        const gate = new Gate(views, atomics);
        gate.enter(1);
        gate.leave(1);
      },
      (views) => {
        const gate = new Gate(views);
        const inside = gate.close(0);
        expect([[], [1]]).toContainEqual(inside);
        for (const rank of inside) gate.leave(rank);
        expect(gate.close(0)).toEqual([]);
        gate.open();
        gate.enter(1);
        expect(gate.close(0)).toEqual([1]);
      },
    );
  });

  it("with the lock is known as its holder, and the coordinator can free the lock, but not another's", () => {
    const views = allocate(TryLock.regions);
    const lock = new TryLock(views);
    expect(lock.tryAcquire(0)).toBe(true);
    expect([lock.tryAcquire(1), lock.holder]).toEqual([false, 0]);
    expect([lock.release(1), lock.holder]).toEqual([false, 0]);
    expect([lock.release(0), lock.holder]).toEqual([true, null]);
    expect(lock.tryAcquire(1)).toBe(true);
  });

  it("in write() costs the iterates of its slot and no others", () => {
    dieEverywhere(
      () => allocate(IterateRing.regions(2, 1)),
      (views, atomics) => new IterateRing(views, atomics).write(4, Float32Array.of(4), Int32Array.of(0)),
      (views) => {
        const ring = new IterateRing(views);
        const sample = new Float32Array(1);
        if (ring.read(4, sample)) expect(sample[0]).toBe(4);
        expect(ring.write(5, Float32Array.of(5), Int32Array.of(0))).toBe(true);
        expect(ring.read(5, sample)).toBe(true);
        // Slot of iterate 6 is that of iterate 4: written, or unusable and known to be so.
        const written = ring.write(6, Float32Array.of(6), Int32Array.of(0));
        expect(ring.read(6, sample)).toBe(written);
      },
    );
  });
});
