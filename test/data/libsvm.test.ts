import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LibsvmForm, libsvmFormOf, readLibsvm } from "../../src/data/libsvm.ts";
import { YfError } from "../../src/errors.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "libsvm-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const form = { width: 4, labels: [-1, 1] } satisfies LibsvmForm;

function read(
  content: string | Uint8Array,
  { name = "file", ...changed }: { name?: string; width?: number } = {},
) {
  const file = join(folder, name);
  writeFileSync(file, content);
  return readLibsvm(file, { ...form, ...changed });
}

/** One example as a property draws it: a class and its features, 0 where the file does not name one. */
const example = fc.record({
  label: fc.constantFrom(0, 1),
  features: fc.array(
    fc.oneof(fc.constant(0), fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(1)),
    { minLength: form.width, maxLength: form.width },
  ),
});

/** The one column of each kind. */
function columns(...given: Parameters<typeof read>) {
  const { features, labels, length } = read(...given);
  expect([features.length, labels.length]).toEqual([1, 1]);
  return { features: features[0], labels: labels[0], length };
}

function line({ features, label }: { label: number; features: readonly number[] }): string {
  const pairs = features.flatMap((value, i) => (value === 0 ? [] : [`${i + 1}:${value}`]));
  return [form.labels[label], ...pairs].join(" ");
}

describe("readLibsvm()", () => {
  it("reads back what was written", () => {
    fc.assert(
      fc.property(fc.array(example, { minLength: 1, maxLength: 8 }), fc.boolean(), (examples, ended) => {
        const { features, labels, length } = columns(examples.map(line).join("\n") + (ended ? "\n" : ""));
        expect(length).toBe(examples.length);
        expect(Array.from(labels.data)).toEqual(examples.map(({ label }) => label));
        // Adding 0 makes −0, which a file does not name, the 0 that is read.
        expect(Array.from(features.data)).toEqual(
          examples.flatMap((one) => one.features).map((value) => value + 0),
        );
      }),
    );
  });

  it("makes float32 rows and int32 class indices in shared memory", () => {
    const { features, labels } = columns("-1 2:0.5\n+1 1:1 4:-2\n");
    expect(features).toEqual({
      data: Float32Array.of(0, 0.5, 0, 0, 1, 0, 0, -2),
      shape: [4],
      dtype: "float32",
      scale: 1,
      offset: 0,
    });
    expect(labels).toEqual({ data: Int32Array.of(0, 1), shape: [], dtype: "int32", scale: 1, offset: 0 });
    for (const { data } of [features, labels]) expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it.each([
    ["spaces at the end", "+1 3:1 \n"],
    ["several spaces and tabs", " +1\t 3:1\n"],
    ["ends of lines as on Windows", "+1 3:1\r\n"],
    ["a label with a point", "1.0 3:1"],
    ["a value with an exponent", "1 3:10e-1"],
  ])("takes %s", (_, content) => {
    const { features, labels } = columns(content);
    expect([Array.from(features.data), Array.from(labels.data)]).toEqual([[0, 0, 1, 0], [1]]);
  });

  it("decompresses files that end in .gz", () => {
    expect(read(gzipSync("+1 1:3\n"), { name: "file.gz" }).features[0].data[0]).toBe(3);
  });

  it.each([
    ["no label of the set", "2 1:1", 'line 1 must begin with a label, one of -1, 1 (got "2")'],
    ["no label", "+1 1:1\n1:1", 'line 2 must begin with a label, one of -1, 1 (got "1:1")'],
    ["a label in words", "yes 1:1", 'line 1 must begin with a label, one of -1, 1 (got "yes")'],
    ["an empty line", "+1 1:1\n\n+1 1:1", 'line 2 must begin with a label, one of -1, 1 (got "")'],
    [
      "a pair without a value",
      "+1 1:",
      'line 1 must hold features as INDEX:VALUE after the label (got "1:")',
    ],
    [
      "a pair without an index",
      "+1 :1",
      'line 1 must hold features as INDEX:VALUE after the label (got ":1")',
    ],
    [
      "a number alone",
      "+1 1:1\n-1 1:1 7",
      'line 2 must hold features as INDEX:VALUE after the label (got "7")',
    ],
    ["NaN", "+1 1:nan", 'line 1 must hold features as INDEX:VALUE after the label (got "1:nan")'],
    [
      "a hexadecimal value",
      "+1 1:0x10",
      'line 1 must hold features as INDEX:VALUE after the label (got "1:0x10")',
    ],
    ["an index of 0", "+1 0:1", 'line 1 must hold features as INDEX:VALUE after the label (got "0:1")'],
    [
      "an index with an exponent",
      "+1 1e0:1",
      'line 1 must hold features as INDEX:VALUE after the label (got "1e0:1")',
    ],
    ["an index beyond the features", "+1 5:1", 'line 1 must hold indices in [1, 4] (got "5:1")'],
    [
      "an index twice",
      "+1 2:1 2:1",
      'line 1 must hold indices in increasing order, above 2 here (got "2:1")',
    ],
    [
      "a value beyond float32",
      "+1 1:1e39",
      'line 1 must hold values that are finite in float32 (got "1:1e39")',
    ],
    ["no line", "", "must hold at least one example"],
  ])("refuses %s", (_, content, sentence) => {
    expect(() => read(content)).toThrow(
      expect.objectContaining({
        code: "BAD_DATA",
        message: `Cannot read ${join(folder, "file")}: ${sentence}`,
      }),
    );
  });

  it("refuses what would be too large with every feature written out, before it takes the memory", () => {
    // 2 examples · 4 bytes · (2²⁸ + 1) features = 2³¹ + 8 bytes.
    expect(() => read("+1 1:1\n-1 1:1\n", { width: 2 ** 28 + 1 })).toThrow(
      `Cannot read ${join(folder, "file")}: its examples, all features written out, must fit in 2147483648 bytes (got "2 examples of 268435457 features")`,
    );
  });

  it("refuses a line without end before it makes a text of it", () => {
    expect(() => read(Buffer.alloc(2 ** 25 + 1, "1"))).toThrow(
      ': line 1 must be at most 33554432 bytes long (got "33554433 bytes")',
    );
  });

  it("names the file that is not there", () => {
    const file = join(folder, "nowhere");
    expect(() => readLibsvm(file, form)).toThrow(`Cannot read ${file}: the file must be readable (got `);
  });

  const whole = "-1 1:1 3:0.25 4:-2\n+1 2:1e2\n-1\n+1 1:3 4:10\n";

  it("reads the examples before a cut wherever the cut is, or names the line that was cut", () => {
    const uncut = columns(whole);
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const content = whole.slice(0, bytes);
      const complete = content.split("\n").length - 1;
      try {
        const { features, length } = columns(content);
        // A cut may leave a line that is valid by itself; those before it are as they were.
        expect([complete, complete + 1]).toContain(length);
        expect(features.data.subarray(0, complete * form.width)).toEqual(
          uncut.features.data.subarray(0, complete * form.width),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(YfError);
        const place = { file: join(folder, "file") };
        expect((error as YfError).details).toEqual(bytes === 0 ? place : { ...place, line: complete + 1 });
      }
    }
  });

  it("reads changed bytes as finite numbers and known classes or throws BAD_DATA", () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (changes, zipped) => {
        const plain = Buffer.from(whole);
        const bytes = zipped ? gzipSync(plain) : plain;
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          const { features, labels, length } = columns(bytes, { name: zipped ? "file.gz" : "file" });
          expect(features.data).toHaveLength(length * form.width);
          expect(features.data.every(Number.isFinite)).toBe(true);
          expect(labels.data.every((label) => label === 0 || label === 1)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect((error as YfError).code).toBe("BAD_DATA");
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("libsvmFormOf()", () => {
  const formOf = (content: string) => {
    const file = join(folder, "own");
    writeFileSync(file, content);
    return libsvmFormOf(file, true);
  };

  it("finds the largest index and the labels in their order", () => {
    expect(formOf("+1 2:1 7:1\n-1 3:1\n")).toEqual({ width: 7, labels: [-1, 1] });
  });

  it("counts empty lines where it names one", () => {
    expect(() => formOf("\n+1 1:1\n\n\nyes 1:1\n")).toThrow(
      `Cannot read ${join(folder, "own")}: line 5 must begin with a label, a number (got "yes")`,
    );
  });
});
