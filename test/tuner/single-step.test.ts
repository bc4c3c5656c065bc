import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { singleStep } from "../../src/tuner/single-step.ts";

/** √μ for p = D²·hMin²/(2C), without curvature range: D = hMin = hMax = 1, C = 1/(2p). */
const rootFor = (p: number) => Math.sqrt(singleStep(1, 1 / (2 * p), 1, 1).momentum);

describe("singleStep()", () => {
  it("solves (1 − x)³ = p·x for x = √μ", () => {
    const pairs = [
      // p = (1 − x)³/x: .2³/.8 = .01, .5³/.5 = .25, .8³/.2 = 2.56, .9³/.1 = 7.29.
      [0.01, 0.8],
      [0.25, 0.5],
      [2.56, 0.2],
      [7.29, 0.1],
      // From a closed form in 50 digits.
      [0.5, 0.410245487698542],
      [1e-6, 0.990033333209],
      [1e6, 9.99997000012e-7],
    ];
    for (const [p, x] of pairs) expect(rootFor(p) / x).toBeCloseTo(1, 11);
  });

  it("solves it to the last digits over all scales where float64 has all of them", () => {
    fc.assert(
      fc.property(fc.double({ min: -290, max: 150, noNaN: true }), (exponent) => {
        const p = 10 ** exponent;
        const { momentum, stepSize } = singleStep(1, 1 / (2 * p), 1, 1);
        const r = Math.sqrt(stepSize);
        // r³ = p·(1 − r); the left side where p is small, r³/p = √μ where it is large.
        if (p < 1) expect(r ** 3 / (1 - r) / p).toBeCloseTo(1, 10);
        else expect(r ** 3 / p / Math.sqrt(momentum)).toBeCloseTo(1, 10);
      }),
    );
  });

  it("returns the heavy-ball optimum when the gradient has no noise", () => {
    // κ = 9: μ = ((√9 − 1)/(√9 + 1))² = 1/4, α = (1 − 1/2)²/1 = 1/4
    expect(singleStep(1, 1e-12, 1, 9)).toEqual({ momentum: 0.25, stepSize: 0.25 });
  });

  it("takes the larger of the momenta that noise and curvature range ask for", () => {
    const bounds = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(bounds, bounds, bounds, bounds, (distance, variance, hMin, kappa) => {
        const noisy = singleStep(distance, variance, hMin, hMin).momentum;
        const root = (Math.sqrt(1 + kappa) - 1) / (Math.sqrt(1 + kappa) + 1);
        const { momentum, stepSize } = singleStep(distance, variance, hMin, hMin * (1 + kappa));
        expect(momentum).toBeCloseTo(Math.max(noisy, root * root), 12);
        expect((stepSize * hMin) / (1 - Math.sqrt(momentum)) ** 2).toBeCloseTo(1, 8);
      }),
    );
  });

  it("stays finite at the ends of float64", () => {
    for (const distance of [5e-324, 1, 1.7e308]) {
      for (const variance of [5e-324, 1, 1.7e308]) {
        for (const [hMin, hMax] of [
          [1e-300, 1e300],
          [1e-300, 1e-300],
          [1e300, 1e300],
          [1, 1.7e308],
        ]) {
          const { momentum, stepSize } = singleStep(distance, variance, hMin, hMax);
          expect(momentum >= 0 && momentum <= 1).toBe(true);
          expect(stepSize > 0 && stepSize < Number.POSITIVE_INFINITY).toBe(true);
        }
      }
    }
  });

  it("refuses what is not a distance, a variance or a range", () => {
    expect(() => singleStep(0, 1, 1, 1)).toThrow(
      "Cannot solve the single step: distance must be finite and > 0 (got 0)",
    );
    expect(() => singleStep(1, Number.NaN, 1, 1)).toThrow(RangeError);
    expect(() => singleStep(1, 1, -1, 1)).toThrow(RangeError);
    expect(() => singleStep(1, 1, 2, 1)).toThrow("hMax must be finite and ≥ hMin = 2 (got 1)");
  });
});
