import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IterateRing } from "../../src/shared/iterate-ring.ts";
import { allocate } from "./allocate.ts";

const indices = Int32Array.of(2, 0);
/** Parameters of which the sample is (r, −r). */
const iterate = (r: number) => Float32Array.of(-r, 99, r);

describe("an iterate ring", () => {
  it("holds the newest iterate of each slot, each written once, whatever the order of writes", () => {
    const writes = fc.array(fc.nat({ max: 30 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), writes, (slots, order) => {
        const ring = new IterateRing(allocate(IterateRing.regions(slots, 2)));
        const newest = new Map<number, number>();
        for (const r of order) {
          const before = newest.get(r % slots) ?? -1;
          expect(ring.write(r, iterate(r), indices)).toBe(r > before);
          expect(ring.setStep(r, r / 4)).toBe(r > before);
          newest.set(r % slots, Math.max(r, before));
        }
        const sample = new Float32Array(2);
        for (let r = -1; r <= 31; r++) {
          const held = newest.get(r % slots) === r;
          expect(ring.read(r, sample)).toBe(held);
          if (held) expect([...sample]).toEqual([r, -r]);
          expect(ring.stepOf(r)).toBe(held ? r / 4 : Number.NaN);
        }
      }),
    );
  });

  it("continues across the wrap of its stamps, and starts at any iterate as a resumed run does", () => {
    // Stamps are 2r + 1 and 2r + 2 modulo 2³²: they change sign at r = 2³⁰ and pass 0 at r = 2³¹ − 1.
    for (const start of [2 ** 30 - 3, 2 ** 31 - 3, 5e9]) {
      const ring = new IterateRing(allocate(IterateRing.regions(2, 2)));
      const sample = new Float32Array(2);
      for (let r = start; r < start + 8; r++) {
        expect(ring.write(r, iterate(r % 64), indices)).toBe(true);
        expect(ring.read(r, sample)).toBe(true);
        expect(ring.read(r - 2, sample)).toBe(false);
      }
    }
  });

  it("has sample and step of an iterate independently of each other", () => {
    const ring = new IterateRing(allocate(IterateRing.regions(4, 2)));
    ring.setStep(3, 0.5);
    expect([ring.stepOf(3), ring.read(3, new Float32Array(2))]).toEqual([0.5, false]);
    ring.write(1, iterate(1), indices);
    expect([ring.stepOf(1), ring.read(1, new Float32Array(2))]).toEqual([Number.NaN, true]);
  });
});
