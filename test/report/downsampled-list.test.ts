import fc from "fast-check";
import { expect, test } from "vitest";
import { DownsampledList } from "../../src/report/downsampled-list.ts";

test("a long list keeps between n and 2n items, evenly over its length, and those that were to stay", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: 5, max: 300 }),
      (least, length, every) => {
        const list = new DownsampledList<{ readonly at: number; readonly stays: boolean }>(least);
        for (let at = 0; at < length; at++) {
          if (at % every === 3) list.pushForGood({ at, stays: true });
          else list.push({ at, stays: false });
        }
        const staying = list.items.filter(({ stays }) => stays);
        expect(staying.length).toBe(Math.ceil(Math.max(0, length - 3) / every));
        const passing = list.items.filter(({ stays }) => !stays).length;
        expect(passing).toBeGreaterThanOrEqual(Math.min(least, length - staying.length));
        expect(passing).toBeLessThan(2 * least);
        expect(list.items.map(({ at }) => at)).toEqual(list.items.map(({ at }) => at).sort((a, b) => a - b));
      },
    ),
  );
});

test("what is kept lies equally far apart", () => {
  const list = new DownsampledList<{ readonly at: number }>(100);
  for (let at = 0; at < 1000; at++) list.push({ at });
  const distances = list.items.slice(1).map(({ at }, i) => at - list.items[i].at);
  expect(new Set(distances)).toEqual(new Set([8]));
});
