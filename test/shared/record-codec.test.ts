import { expect, it } from "vitest";
import { recordCodec } from "../../src/shared/record-codec.ts";

const codec = recordCodec<{ readonly first: number; readonly second: number }>({
  first: 1,
  second: Number.NaN,
});

it("lays the fields of a record one after the other from where it is told, and leaves the rest of the row alone", () => {
  const row = new Float64Array(4).fill(9);
  codec.encode({ second: 3, first: 2 }, row, 1);
  expect([codec.length, ...row]).toEqual([2, 9, 2, 3, 9]);
});

it("reads back in place what it wrote, to the bit", () => {
  const row = new Float64Array(codec.length);
  const into = codec.create();
  expect(into).toEqual({ first: 1, second: Number.NaN });
  for (const [first, second] of [
    [-0, Number.MIN_VALUE],
    [Number.NaN, Number.POSITIVE_INFINITY],
  ]) {
    codec.encode({ first, second }, row);
    codec.decode(row, into);
    expect(into).toEqual({ first, second });
  }
  expect(codec.create()).toEqual({ first: 1, second: Number.NaN });
});
