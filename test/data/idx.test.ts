import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdx } from "../../src/data/idx.ts";
import { YfError } from "../../src/errors.ts";
import { idxBytes } from "./idx-bytes.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "idx-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: Uint8Array, name = "file") {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return readIdx(file);
}

describe("readIdx()", () => {
  it("reads unsigned bytes and their shape into shared memory", () => {
    const { data, shape } = read(idxBytes([2, 3], [0, 1, 127, 128, 254, 255]));
    expect(shape).toEqual([2, 3]);
    expect(data).toEqual(Uint8Array.of(0, 1, 127, 128, 254, 255));
    expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("decompresses files that end in .gz", () => {
    expect(read(gzipSync(idxBytes([3], [7, 8, 9])), "file.gz").data).toEqual(Uint8Array.of(7, 8, 9));
  });

  it.each([
    ["int8", 0x09, [0xff, 0x7f], Int32Array.of(-1, 127)],
    ["int16", 0x0b, [0xff, 0xfe, 0x01, 0x00], Int32Array.of(-2, 256)],
    ["int32", 0x0c, [0xff, 0xff, 0xff, 0xfd, 0, 0, 1, 0], Int32Array.of(-3, 256)],
    // 1.5 = 0x3FC00000 and -2 = 0xC0000000 in IEEE 754 single precision.
    ["float32", 0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], Float32Array.of(1.5, -2)],
    // The same in double precision: 0x3FF8… and 0xC000….
    ["float64", 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], Float32Array.of(1.5, -2)],
  ])("reads big-endian %s", (_, type, elements, expected) => {
    expect(read(idxBytes([2], elements, type)).data).toEqual(expected);
  });

  it.each([
    [
      "is too short for a magic number",
      Uint8Array.of(0, 0, 8),
      'an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "00 00 08")',
    ],
    [
      "is empty",
      new Uint8Array(0),
      'an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "")',
    ],
    [
      "has another magic number",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0),
      'an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "89 50 4e 47")',
    ],
    [
      "has an element type that does not exist",
      idxBytes([1], [1], 0x0a),
      'an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "00 00 0a 01")',
    ],
    [
      "has no dimensions",
      Uint8Array.of(0, 0, 8, 0, 5),
      'an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "00 00 08 00")',
    ],
    [
      "ends within its sizes",
      Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1),
      'an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "00 00 08 02")',
    ],
    ["has no items", idxBytes([0, 28], []), 'must hold at least one item (got "shape [0, 28]")'],
    // 4 + 4·1 bytes of header and 3 of data.
    ["is truncated", idxBytes([3], [1, 2]), "its header, shape [3], asks for exactly 11 bytes (got 10)"],
    ["is too long", idxBytes([3], [1, 2, 3, 4]), "its header, shape [3], asks for exactly 11 bytes (got 12)"],
  ])("refuses a file that %s", (_, bytes, sentence) => {
    const file = join(folder, "file");
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({ code: "BAD_DATA", message: `Cannot read ${file}: ${sentence}` }),
    );
  });

  it("does not allocate what a header promises before it is there", () => {
    // 2³²−1 items of 2³²−1 bytes each.
    expect(() => read(Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255))).toThrow(
      /asks for exactly/,
    );
  });

  it.each([
    ["a file that is not there", "none"],
    ["a folder", "."],
    ["bytes that are not compressed", "plain.gz"],
  ])("says why it cannot read %s", (_, name) => {
    writeFileSync(join(folder, "plain.gz"), idxBytes([1], [1]));
    const file = join(folder, name);
    expect(() => readIdx(file)).toThrow(
      expect.objectContaining({
        code: "BAD_DATA",
        message: expect.stringContaining(`Cannot read ${file}: the file must be readable (got "`),
      }),
    );
  });

  it("reads any bytes or throws BAD_DATA", () => {
    const valid = idxBytes([2, 2], [1, 2, 3, 4]);
    const mutated = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), valid));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), mutated), (bytes) => {
        try {
          const { data, shape } = read(bytes);
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect(error).toHaveProperty("code", "BAD_DATA");
        }
      }),
      { numRuns: 300 },
    );
  });
});
