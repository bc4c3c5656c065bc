import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addToEma, emaValue, newEma } from "../../src/math/ema.ts";

describe("addToEma()", () => {
  it("gives a constant input back at every step", () => {
    for (const decay of [0, 0.5, 0.9, 0.999]) {
      const ema = newEma();
      // Σ weights · v / Σ weights = v, whatever the weights.
      for (let t = 0; t < 3000; t++) expect(addToEma(ema, 7.25, decay) / 7.25).toBeCloseTo(1, 12);
    }
  });

  it("weighs the past by the powers of its decay", () => {
    const ema = newEma();
    for (const value of [1, 2, 4]) addToEma(ema, value, 0.5);
    // (¼·1 + ½·2 + 1·4) / (¼ + ½ + 1) = 5.25 / 1.75
    expect(emaValue(ema)).toBe(3);
  });

  it("stays between the least and the largest input", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const ema = newEma();
        for (const value of values) addToEma(ema, value, 0.999);
        // Rounding, and what float64 has no digits for.
        const slack = 1e-9 * Math.max(...values.map(Math.abs)) + 1e-300;
        expect(emaValue(ema)).toBeGreaterThanOrEqual(Math.min(...values) - slack);
        expect(emaValue(ema)).toBeLessThanOrEqual(Math.max(...values) + slack);
      }),
    );
  });

  it("is 0 before the first value", () => {
    expect(emaValue(newEma())).toBe(0);
  });
});
