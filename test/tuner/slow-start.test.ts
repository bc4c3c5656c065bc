import { describe, expect, it } from "vitest";
import { initSlowStart, updateSlowStart } from "../../src/tuner/slow-start.ts";

function shares(staleness: number, count: number): number[] {
  const state = initSlowStart();
  return Array.from({ length: count }, () => updateSlowStart(state, staleness, 200));
}

describe("updateSlowStart()", () => {
  it("is min(1, (t + 1)/T₀) for fresh gradients and up to four workers", () => {
    for (const staleness of [0, 1, 3]) {
      for (const [t, share] of shares(staleness, 300).entries()) {
        expect(share).toBeCloseTo(Math.min(1, (t + 1) / 200), 12);
      }
    }
  });

  it("lasts fifty rounds of all workers: 800 updates for sixteen", () => {
    const sixteen = shares(15, 900);
    expect(sixteen[399]).toBeCloseTo(0.5, 9);
    expect(sixteen[790]).toBeLessThan(1);
    expect(sixteen[800]).toBe(1);
  });
});
