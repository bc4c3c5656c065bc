import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EpochOrder, examplePosition } from "../../src/data/permutation.ts";

const orderOf = (seed: number, epoch: number, length: number) => {
  const order = new EpochOrder(seed, epoch, length);
  return Array.from({ length }, (_, i) => order.at(i));
};

/** Σ (observed − expected)²/expected over equally likely cells. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/**
 * A bound that a chi-square variable with `cells − 1` degrees of freedom exceeds with probability below 1e-6:
 * mean + 4.75 standard deviations, with the Wilson–Hilferty cube for the skew. The seeds are fixed, so it never varies.
 */
function chiSquareBound(cells: number): number {
  const degrees = cells - 1;
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + 4.75 * Math.sqrt(spread)) ** 3;
}

describe("the order of an epoch", () => {
  it("is a bijection for every number of examples up to 600", () => {
    for (let length = 1; length <= 600; length++) {
      expect(new Set(orderOf(7, length, length))).toEqual(new Set(Array(length).keys()));
    }
  });

  it("is a bijection for any seed, epoch and number of examples", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.integer({ min: 1, max: 70_000 }), (seed, epoch, length) => {
        const seen = new Uint8Array(length);
        for (const index of orderOf(seed, epoch, length)) seen[index]++;
        expect(seen.every((count) => count === 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("stays inside and does not repeat at the largest numbers of examples", () => {
    for (const length of [2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
      const order = new EpochOrder(3, 1, length);
      const seen = new Set(Array.from({ length: 10_000 }, (_, i) => order.at(length - 1 - i)));
      expect(seen.size).toBe(10_000);
      for (const index of seen) expect(Number.isInteger(index) && index >= 0 && index < length).toBe(true);
    }
  });

  it("puts every example at every place equally often, over epochs and over seeds", () => {
    const rounds = 20_000;
    for (const length of [2, 3, 7, 10, 64]) {
      for (const place of new Set([0, 1, length - 1])) {
        const byEpoch = new Array<number>(length).fill(0);
        const bySeed = new Array<number>(length).fill(0);
        for (let round = 0; round < rounds; round++) {
          byEpoch[examplePosition(1, round, place, length)]++;
          bySeed[examplePosition(round, 0, place, length)]++;
        }
        expect(chiSquare(byEpoch)).toBeLessThan(chiSquareBound(length));
        expect(chiSquare(bySeed)).toBeLessThan(chiSquareBound(length));
      }
    }
  });

  it("spreads every stretch of an epoch over all examples", () => {
    // 60 stretches of 1000 places, each counted over 10 tenths of the examples: independent of order within a tenth.
    for (let epoch = 0; epoch < 5; epoch++) {
      const order = orderOf(1, epoch, 60_000);
      for (let stretch = 0; stretch < 60; stretch++) {
        const tenths = new Array<number>(10).fill(0);
        for (const index of order.slice(stretch * 1000, (stretch + 1) * 1000))
          tenths[Math.floor(index / 6000)]++;
        expect(chiSquare(tenths)).toBeLessThan(chiSquareBound(10));
      }
    }
  });

  it("leaves no relation between the examples of neighbouring places", () => {
    // The differences of neighbours modulo N, in 100 cells; a linear order would put all of them into one.
    const length = 60_000;
    const cells = new Array<number>(100).fill(0);
    for (let epoch = 0; epoch < 5; epoch++) {
      const order = orderOf(2, epoch, length);
      for (let i = 1; i < length; i++)
        cells[Math.floor((((order[i] - order[i - 1] + length) % length) / length) * 100)]++;
    }
    expect(chiSquare(cells)).toBeLessThan(chiSquareBound(100));
  });

  it("differs from epoch to epoch and from seed to seed in nearly all places", () => {
    const length = 10_000;
    const base = orderOf(1, 0, length);
    // Two random orders agree in a Poisson(1) number of places; 12 or more has probability below 1e-9.
    for (const other of [
      orderOf(1, 1, length),
      orderOf(2, 0, length),
      orderOf(0, 1, length),
      orderOf(1, 2, length),
    ]) {
      expect(other.filter((index, i) => index === base[i]).length).toBeLessThan(12);
    }
  });

  it("does not confuse a seed with an epoch", () => {
    expect(orderOf(1, 2, 1000)).not.toEqual(orderOf(2, 1, 1000));
  });
});

describe("examplePosition()", () => {
  it("is the order's index at that place", () => {
    expect([0, 1, 2, 3, 4].map((i) => examplePosition(5, 6, i, 5))).toEqual(orderOf(5, 6, 5));
  });

  it("stays the same from version to version, so that a seed keeps its meaning", () => {
    // As first published; any other numbers would be as good, but not the same.
    expect(Array.from({ length: 8 }, (_, i) => examplePosition(1, 0, i, 60_000))).toEqual([
      28607, 4780, 7267, 58520, 40987, 15415, 51743, 31645,
    ]);
  });

  it.each([
    [-1, 4, "Cannot place example -1: must be an integer in [0, 4)"],
    [4, 4, "Cannot place example 4: must be an integer in [0, 4)"],
    [0.5, 4, "Cannot place example 0.5: must be an integer in [0, 4)"],
    [0, 1.5, "Cannot order examples: their number must be an integer in [1, 2³²] (got 1.5)"],
    [0, 2 ** 32 + 1, "Cannot order examples: their number must be an integer in [1, 2³²] (got 4294967297)"],
  ])("refuses place %s of %s", (i, length, message) => {
    expect(() => examplePosition(1, 0, i, length)).toThrow(new RangeError(message));
  });
});
