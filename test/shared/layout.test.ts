import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byteLengthOf,
  cacheLineBytes,
  type ElementType,
  type Region,
  type Regions,
  region,
  transient,
  viewsOf,
} from "../../src/shared/layout.ts";

const types: ElementType[] = ["uint8", "int32", "uint32", "int64", "float32", "float64"];
const anyRegion = fc
  .tuple(fc.constantFrom(...types), fc.nat({ max: 100 }))
  .map(([type, length]): Region => region(type, length, transient));
const { anyRegions } = fc.letrec<{ anyRegions: Regions }>((tie) => ({
  anyRegions: fc.oneof(
    { maxDepth: 3, depthIdentifier: "layout" },
    anyRegion,
    fc.array(tie("anyRegions"), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), tie("anyRegions"), { maxKeys: 4 }),
  ),
}));

type View = Uint8Array | Int32Array | Uint32Array | BigInt64Array | Float32Array | Float64Array;

/** All arrays of a tree of views, in order. */
const leaves = (tree: unknown): View[] =>
  ArrayBuffer.isView(tree) ? [tree as View] : Object.values(tree as object).flatMap(leaves);

describe("a layout", () => {
  it("gives every array its own cache lines inside the length it says, whatever the tree", () => {
    fc.assert(
      fc.property(anyRegions, fc.nat({ max: 3 }), (regions, lines) => {
        const start = lines * cacheLineBytes;
        const byteLength = byteLengthOf(regions);
        const arrays = leaves(viewsOf(regions, new SharedArrayBuffer(start + byteLength), start));
        let end = start;
        for (const array of arrays) {
          expect(array.byteOffset % cacheLineBytes).toBe(0);
          expect(array.byteOffset).toBeGreaterThanOrEqual(end);
          end = array.byteOffset + array.byteLength;
        }
        expect(end).toBeLessThanOrEqual(start + byteLength);
        expect(byteLength % cacheLineBytes).toBe(0);
      }),
    );
  });

  it("keeps the tree, the types and the order of the keys", () => {
    const regions = {
      flags: region("int32", 2, transient),
      lists: [region("float64", 1, transient), region("uint8", 3, transient)],
    };
    const views = viewsOf(regions, new SharedArrayBuffer(byteLengthOf(regions)));
    expect(views.flags).toBeInstanceOf(Int32Array);
    expect(views.lists.map((view) => view.constructor)).toEqual([Float64Array, Uint8Array]);
    expect(views.lists.map((view) => view.byteOffset)).toEqual([64, 128]);
    expect(byteLengthOf(regions)).toBe(192);
  });

  it("refuses a length that is no count, an odd start and a buffer that is too short", () => {
    for (const length of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(() => region("uint8", length, transient)).toThrow(RangeError);
    expect(() => viewsOf(region("uint8", 1, transient), new SharedArrayBuffer(64), 4)).toThrow(RangeError);
    expect(() => viewsOf(region("float64", 9, transient), new SharedArrayBuffer(64))).toThrow(RangeError);
  });
});
