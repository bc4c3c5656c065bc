import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { medianInPlace } from "../../src/math/median.ts";

describe("medianInPlace()", () => {
  it("returns the element in the middle of the sorted values, the lower one of two", () => {
    const finite = fc.double({ noNaN: true });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 1500 }), (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const middle = sorted[Math.floor((values.length - 1) / 2)];
        // −0 and 0 compare equal and either may stand in the middle.
        expect(medianInPlace(Float64Array.from(values), values.length) + 0).toBe(middle + 0);
      }),
    );
  });

  it("looks at the first `count` values only", () => {
    expect(medianInPlace(Float64Array.of(3, 1, 2, -100, -100, -100), 3)).toBe(2);
  });
});
