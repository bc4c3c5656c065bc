import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { YfError } from "../../src/errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  readSafetensors,
  writeSafetensors,
} from "../../src/report/safetensors.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "safetensors-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const kernel: NamedTensor = {
  name: "dense/kernel",
  shape: [2, 3],
  values: Float32Array.of(1, -2, 3.5, 0, -0, 1e-40),
};
const bias: NamedTensor = { name: "dense/bias", shape: [], values: Float32Array.of(7) };

/** A file by its header and data, whatever they say. */
function file(header: unknown, data: ArrayLike<number> = [], declared?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (shape: unknown, begin: unknown, end: unknown, dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const tensors = fc
  .uniqueArray(
    fc.string({ unit: "binary" }).filter((name) => name !== "__metadata__"),
    { maxLength: 5 },
  )
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
          const size = shape.reduce((a, b) => a * b, 1);
          return fc
            .float32Array({ minLength: size, maxLength: size })
            .map((values): NamedTensor => ({ name, shape, values }));
        }),
      ),
    ),
  );

describe("safetensors", () => {
  it("lie as the format says: length, JSON padded to eight bytes, float32 little-endian", () => {
    const bytes = encodeSafetensors([bias], { model: "lenet" });
    const json =
      '{"__metadata__":{"model":"lenet"},"dense/bias":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}';
    const length = Math.ceil(json.length / 8) * 8;
    expect(Array.from(bytes.subarray(0, 8))).toEqual([length, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toBe(json.padEnd(length));
    // 7 = 0x40E00000
    expect(Array.from(bytes.subarray(8 + length))).toEqual([0, 0, 0xe0, 0x40]);
  });

  it("come back as they were, bit for bit", () => {
    fc.assert(
      fc.property(tensors, (given) => {
        const read = decodeSafetensors(encodeSafetensors(given));
        const byName = (list: readonly NamedTensor[]) =>
          new Map(list.map(({ name, shape, values }) => [name, { shape, values }]));
        expect(byName(read)).toEqual(byName(given));
      }),
    );
  });

  it("are read from bytes that begin anywhere in memory, and copied", () => {
    const bytes = encodeSafetensors([kernel, bias]);
    for (let shift = 0; shift < 4; shift++) {
      const moved = new Uint8Array(bytes.length + shift).subarray(shift);
      moved.set(bytes);
      const read = decodeSafetensors(moved);
      moved.fill(0);
      expect(read).toEqual([kernel, bias]);
    }
  });

  it("are written to files whole, with nothing left beside them", () => {
    const path = join(folder, "model.safetensors");
    writeSafetensors(path, [bias]);
    writeSafetensors(path, [kernel, bias]);
    expect(readSafetensors(path)).toEqual([kernel, bias]);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  it.each<[string, readonly NamedTensor[], string]>([
    ["two tensors of one name", [bias, bias], 'every tensor must have a name of its own (got "dense/bias")'],
    [
      "the reserved name",
      [{ ...bias, name: "__metadata__" }],
      'every tensor must have a name of its own (got "__metadata__")',
    ],
    [
      "values that do not fill the shape",
      [{ ...bias, shape: [2] }],
      '"dense/bias" of shape [2] holds 2 numbers (got 1)',
    ],
  ])("are not written with %s", (_, list, sentence) => {
    expect(() => encodeSafetensors(list)).toThrow(
      expect.objectContaining({ code: "BAD_WEIGHTS", message: `Cannot write weights: ${sentence}` }),
    );
  });

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "must begin with 8 bytes of header length (got 0)"],
    ["half a length", new Uint8Array(7), "must begin with 8 bytes of header length (got 7)"],
    ["a header longer than the file", file("{}", [], 3n), "its header must be at most 2 bytes long (got 3)"],
    [
      "a header length of 2⁶⁴ − 1",
      file("{}", [], 2n ** 64n - 1n),
      "its header must be at most 2 bytes long (got 18446744073709551615)",
    ],
    ["no JSON", file("{]"), expect.stringContaining("its header must be JSON in UTF-8 (got ")],
    [
      "no UTF-8",
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff),
      expect.stringContaining("its header must be JSON in UTF-8 (got "),
    ],
    ["a list", file("[]"), 'its header must be a JSON object (got "an array of 0")'],
    ["a text as tensor", file({ a: "b" }), 'tensor a must be described by an object (got "b")'],
    [
      "float64",
      file({ a: entry([1], 0, 8, "F64") }, new Array(8)),
      'tensor a must be of type F32 (got "F64")',
    ],
    [
      "no type",
      file({ a: { shape: [], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
      'tensor a must be of type F32 (got "undefined")',
    ],
    [
      "a negative size",
      file({ a: entry([-1], 0, 4) }, [0, 0, 0, 0]),
      'tensor a must have at most 32 integers ≥ 0 as its shape (got "an array of 1")',
    ],
    [
      "many axes",
      file({ a: entry(new Array(33).fill(1), 0, 4) }, [0, 0, 0, 0]),
      'tensor a must have at most 32 integers ≥ 0 as its shape (got "an array of 33")',
    ],
    [
      "three offsets",
      file({ a: { ...entry([], 0, 4), data_offsets: [0, 4, 8] } }, [0, 0, 0, 0]),
      'tensor a must have two integers ≥ 0 as its data_offsets (got "an array of 3")',
    ],
    [
      "a fraction as offset",
      file({ a: entry([], 0.5, 4.5) }, [0, 0, 0, 0]),
      'tensor a must have two integers ≥ 0 as its data_offsets (got "an array of 2")',
    ],
    [
      "a shape that does not fill its bytes",
      file({ a: entry([2], 0, 4) }, [0, 0, 0, 0]),
      "tensor a of shape [2] takes 8 bytes (got 4)",
    ],
    [
      "a shape beyond all memory",
      file({ a: entry([2 ** 40, 2 ** 40], 0, 4) }, [0, 0, 0, 0]),
      "tensor a of shape [1099511627776, 1099511627776] takes 4.835703278458517e+24 bytes (got 4)",
    ],
    [
      "an end before its begin",
      file({ a: entry([0], 4, 0) }, [0, 0, 0, 0]),
      "tensor a of shape [0] takes 0 bytes (got -4)",
    ],
    [
      "an overlap",
      file({ a: entry([1], 0, 4), b: entry([1], 0, 4) }, [0, 0, 0, 0]),
      "the data of b must begin where the tensor before ends, at 4 (got 0)",
    ],
    [
      "a gap",
      file({ a: entry([1], 4, 8) }, new Array(8)),
      "the data of a must begin where the tensor before ends, at 0 (got 4)",
    ],
    // 8 bytes of length, 54 of header and 4 of data.
    [
      "missing data",
      file({ a: entry([1], 0, 4) }, [0, 0]),
      "header and tensors take exactly 66 bytes (got 64)",
    ],
    [
      "data too many",
      file({ a: entry([1], 0, 4) }, [0, 0, 0, 0, 0]),
      "header and tensors take exactly 66 bytes (got 67)",
    ],
  ])("are refused with %s", (_, bytes, sentence) => {
    const message = typeof sentence === "string" ? `Cannot read m.safetensors: ${sentence}` : sentence;
    expect(() => decodeSafetensors(bytes, "m.safetensors")).toThrow(
      expect.objectContaining({ code: "BAD_WEIGHTS", message }),
    );
  });

  it("are refused when the file cannot be opened", () => {
    expect(() => readSafetensors(join(folder, "none"))).toThrow(
      expect.objectContaining({
        code: "BAD_WEIGHTS",
        message: expect.stringContaining(": the file must be readable (got "),
      }),
    );
  });

  it("keep errors short, whatever names and nesting the header has", () => {
    for (const header of [{ ["x".repeat(1e6)]: 1 }, `{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`]) {
      try {
        decodeSafetensors(file(header));
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(YfError);
        expect((error as Error).message.length).toBeLessThan(300);
      }
    }
  });

  it("give tensors or BAD_WEIGHTS for any change of any bytes", () => {
    const valid = encodeSafetensors([kernel, bias], { epoch: "3" });
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), fc.nat(valid.length + 9), (changes, length) => {
        const bytes = new Uint8Array(length);
        bytes.set(valid.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          for (const { shape, values } of decodeSafetensors(bytes)) {
            expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect(error).toHaveProperty("code", "BAD_WEIGHTS");
        }
      }),
      { numRuns: 2000 },
    );
  });

  const python = spawnSync("python3", ["-c", "import numpy, safetensors"]).status === 0;
  it.skipIf(!python)(
    "are read and written by Python's safetensors (needs python3 with safetensors and numpy)",
    () => {
      const path = join(folder, "ours.safetensors");
      const answer = join(folder, "theirs.safetensors");
      writeSafetensors(path, [kernel, bias], { model: "lenet" });
      const program = [
        "import sys, numpy as np",
        "from safetensors import safe_open",
        "from safetensors.numpy import load_file, save_file",
        "tensors = load_file(sys.argv[1])",
        "assert {k: (v.shape, v.dtype.name) for k, v in tensors.items()} == {'dense/kernel': ((2, 3), 'float32'), 'dense/bias': ((), 'float32')}",
        "assert safe_open(sys.argv[1], 'np').metadata() == {'model': 'lenet'}",
        "save_file({k: np.ascontiguousarray(2 * v) for k, v in tensors.items()}, sys.argv[2])",
      ].join("\n");
      execFileSync("python3", ["-c", program, path, answer]);
      expect(existsSync(answer)).toBe(true);
      const doubled = new Map(
        readSafetensors(answer).map(({ name, shape, values }) => [name, { shape, values }]),
      );
      expect(doubled.get("dense/kernel")).toEqual({
        shape: [2, 3],
        values: kernel.values.map((value) => 2 * value),
      });
      expect(doubled.get("dense/bias")?.values).toEqual(Float32Array.of(14));
    },
  );
});
