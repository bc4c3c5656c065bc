import { describe, expect, it } from "vitest";
import { createRandom, createUniform } from "../../src/math/random.ts";

const take = (random: () => number, count: number) => Array.from({ length: count }, random);

describe.each([createRandom, createUniform])("%o", (create) => {
  it("repeats its stream for the same seed and has another for another", () => {
    expect(take(create(7), 100)).toEqual(take(create(7), 100));
    expect(take(create(7), 100)).not.toEqual(take(create(8), 100));
  });

  it("has nothing in common between neighbouring seeds, from the first number on", () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => create(seed)());
    const differences = firsts.slice(1).map((first, seed) => Math.abs(first - firsts[seed]));
    // The mean of |u − v| is 1/3 with standard deviation √(1/18); five standard errors of 999, neighbours share one.
    const mean = differences.reduce((a, b) => a + b) / differences.length;
    expect(Math.abs(mean - 1 / 3)).toBeLessThan(0.047);
  });

  it("is uniform on [0, 1)", () => {
    const count = 20_000;
    const values = take(create(1), count);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    // Mean of 20,000 uniforms: ½ with standard error √(1/12/20000) = .00204; four of them.
    expect(Math.abs(values.reduce((a, b) => a + b) / count - 0.5)).toBeLessThan(0.0082);
    // Each tenth holds 2000 of them with standard error √(20000·.1·.9) = 42.4; five of those.
    for (let tenth = 0; tenth < 10; tenth++) {
      const hits = values.filter((value) => Math.floor(10 * value) === tenth).length;
      expect(Math.abs(hits - 2000)).toBeLessThan(212);
    }
  });
});
