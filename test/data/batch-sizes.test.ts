import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchPlace, batchSizes } from "../../src/data/batch-sizes.ts";

const jitters = ["none", "two", "exponential"] as const;

describe("batchPlace()", () => {
  it.each(jitters)("puts minibatches end to end, of the sizes that batchSizes() names: %s", (jitter) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (batchSize, seed) => {
        const sizes = batchSizes(batchSize, jitter);
        // The two of a pair may come in either order, but fill the same places: sorted, all lie end to end.
        const places = Array.from({ length: 40 }, (_, i) => batchPlace(i, batchSize, jitter, seed));
        let position = 0;
        for (const { first, size } of places) {
          expect(first).toBe(position);
          expect(sizes).toContain(size);
          position += size;
        }
        expect(position).toBe(40 * batchSize);
      }),
    );
  });

  it("has a quarter and seven quarters of the mean", () => {
    expect(batchSizes(64, "two")).toEqual([16, 112]);
    expect(batchSizes(1, "two")).toEqual([1]);
    expect(batchSizes(1, "exponential")).toEqual([1]);
    // An eighth to 27 eighths: 8 + 2·16 + 2·32 + 64 + 128 + 216 = 8·64.
    expect(batchSizes(64, "exponential")).toEqual([8, 16, 32, 64, 128, 216]);
  });

  it("begins pairs with either size, half of them each, in another order for another seed", () => {
    const starts = (seed: number) =>
      Array.from({ length: 2000 }, (_, pair) => batchPlace(2 * pair, 64, "two", seed).size === 16);
    // Binomial with n = 2000, p = ½: five standard deviations are 112.
    expect(Math.abs(starts(1).filter(Boolean).length - 1000)).toBeLessThan(112);
    expect(starts(1)).not.toEqual(starts(2));
  });
});
