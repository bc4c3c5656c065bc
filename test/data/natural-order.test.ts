import fc from "fast-check";
import { expect, test } from "vitest";
import { compareNaturally } from "../../src/data/natural-order.ts";

test("compareNaturally() has numbers in texts in their order, of any length", () => {
  const sorted = ["", "07", "7", "10", "100000000000000000000", "A2", "a2b", "a10b", "a10b1", "b"];
  expect(sorted.toReversed().sort(compareNaturally)).toEqual(sorted);
});

test("compareNaturally() orders all texts: equal only if they are, and no circle", () => {
  const text = fc.string({ unit: fc.constantFrom("0", "1", "9", "a", "B", "é"), maxLength: 5 });
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(compareNaturally(a, b) === 0).toBe(a === b);
      expect(Math.sign(compareNaturally(a, b)) + Math.sign(compareNaturally(b, a))).toBe(0);
      if (compareNaturally(a, b) < 0 && compareNaturally(b, c) < 0)
        expect(compareNaturally(a, c)).toBeLessThan(0);
    }),
  );
});
