import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drainInOrder } from "../../src/shared/drain-in-order.ts";
import { RecordRing } from "../../src/shared/record-ring.ts";
import { allocate } from "./allocate.ts";

const ringOf = (slots: number, recordLength: number) =>
  new RecordRing(allocate(RecordRing.regions(slots, recordLength)), recordLength);

describe("a record ring", () => {
  it("is a bounded queue, whatever the order of posts and takes", () => {
    const steps = fc.array(fc.boolean(), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        steps,
        (slots, length, posts) => {
          const ring = ringOf(slots, length);
          const model: number[][] = [];
          const record = new Float64Array(length);
          let dropped = 0;
          for (const [ticket, post] of posts.entries()) {
            if (post) {
              const values = Array.from({ length }, (_, i) => ticket + i / 8);
              const fits = model.length < slots;
              expect(ring.post(values)).toBe(fits);
              if (fits) model.push(values);
              else dropped++;
            } else {
              expect(ring.peekTicket()).toBe(model[0]?.[0] ?? Number.POSITIVE_INFINITY);
              const expected = model.shift();
              expect(ring.take(record)).toBe(expected !== undefined);
              if (expected !== undefined) expect([...record]).toEqual(expected);
            }
            expect(ring.size).toBe(model.length);
            expect(ring.dropped).toBe(dropped);
          }
        },
      ),
    );
  });
});

describe("drainInOrder()", () => {
  it("consumes what all rings hold in the order of tickets, however the tickets are spread", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 60 }), (owners) => {
        const rings = [0, 1, 2, 3].map(() => ringOf(60, 2));
        for (const [ticket, owner] of owners.entries()) rings[owner].post([ticket, owner]);
        const consumed: number[][] = [];
        expect(drainInOrder(rings, (record) => consumed.push([...record]))).toBe(owners.length);
        expect(consumed).toEqual(owners.map((owner, ticket) => [ticket, owner]));
      }),
    );
  });

  it("stops after what was there when it began, however fast new records come", () => {
    const ring = ringOf(4, 1);
    ring.post([0]);
    ring.post([1]);
    const consumed: number[] = [];
    drainInOrder([ring, ringOf(4, 1)], ([ticket]) => {
      consumed.push(ticket);
      ring.post([ticket + 2]);
    });
    expect(consumed).toEqual([0, 1]);
    expect([ring.size, ring.peekTicket()]).toEqual([2, 2]);
  });

  it("consumes a ticket that was posted late in the next drain, after higher ones", () => {
    const [early, late] = [ringOf(2, 1), ringOf(2, 1)];
    const consumed: number[] = [];
    early.post([1]);
    drainInOrder([early, late], ([ticket]) => consumed.push(ticket));
    late.post([0]);
    early.post([2]);
    drainInOrder([early, late], ([ticket]) => consumed.push(ticket));
    expect(consumed).toEqual([1, 0, 2]);
  });
});
