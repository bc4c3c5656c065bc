import { describe, expect, it } from "vitest";
import { plainKernels } from "../../src/kernels/plain.ts";
import { compensateDelay, stepOverStaleness } from "../../src/update/staleness-policy.ts";

describe("stepOverStaleness()", () => {
  it("divides the learning rate by τ where τ > 1, and only where it is asked to", () => {
    expect([0, 1, 4].map((staleness) => stepOverStaleness("lr-over-tau", 0.5, staleness))).toEqual([
      0.5, 0.5, 0.125,
    ]);
    expect(stepOverStaleness("none", 0.5, 4)).toBe(0.5);
    expect(stepOverStaleness("delay-compensated", 0.5, 4)).toBe(0.5);
  });
});

describe("compensateDelay()", () => {
  const compensated = (policy: Parameters<typeof compensateDelay>[0]) => {
    const gradient = Float32Array.of(3, -2, 0.5);
    compensateDelay(policy, plainKernels(), gradient, Float32Array.of(1, 2, -1), Float32Array.of(0, 4, -1));
    return gradient;
  };

  it("adds λ·g²·(x − r) with λ = 0.04", () => {
    // 3 + 0.04·9·1, −2 + 0.04·4·(−2), and 0.5 where nothing moved.
    const expected = [3.36, -2.32, 0.5];
    for (const [i, g] of compensated("delay-compensated").entries()) expect(g).toBeCloseTo(expected[i], 6);
  });

  it("leaves the gradient alone under other policies", () => {
    expect([...compensated("none")]).toEqual([3, -2, 0.5]);
    expect([...compensated("lr-over-tau")]).toEqual([3, -2, 0.5]);
  });
});
