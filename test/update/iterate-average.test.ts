import { describe, expect, it } from "vitest";
import { plainKernels } from "../../src/kernels/plain.ts";
import { averageIterate } from "../../src/update/iterate-average.ts";

/** Average after each of the updates 0 … count − 1, whose iterates are `iterate(t)`. */
function averages(count: number, iterate: (t: number) => number): number[] {
  const average = Float32Array.of(0);
  return Array.from({ length: count }, (_, t) => {
    averageIterate(plainKernels(), t, Float32Array.of(iterate(t)), average);
    return average[0];
  });
}

describe("averageIterate()", () => {
  it("begins with the first iterate and takes every eighth", () => {
    const values = averages(17, (t) => t + 1);
    expect(values.slice(0, 8)).toEqual(new Array(8).fill(1));
    // n = 2: 9/10 of x₈ = 9; n = 3: 9/11 of x₁₆ = 17.
    expect(values[8]).toBeCloseTo(1 + 0.9 * 8, 5);
    expect(values[16]).toBeCloseTo(8.2 + (9 / 11) * (17 - 8.2), 5);
  });

  it("reaches back over about the last ninth of a run, however long it is", () => {
    for (const count of [2000, 20_000]) {
      // The mean age of x̄ over a line is t − x̄(t); a tail of length t/10 has half of that.
      const age = (count - (averages(count, (t) => t).at(-1) as number)) / count;
      expect(age).toBeGreaterThan(0.08);
      expect(age).toBeLessThan(0.12);
    }
  });
});
