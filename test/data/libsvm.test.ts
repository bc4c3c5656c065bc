/** What the corpus of small files cannot show: what was written is read back, and damaged files. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLibsvm } from "../../src/data/libsvm.ts";
import { YfError } from "../../src/errors.ts";
import { temporaryFolder } from "./folder.ts";

const write = temporaryFolder("libsvm");
const width = 4;

async function columns(content: string | Uint8Array, name = "file") {
  const options = { labels: "class", testFile: null, features: width, firstIndex: 1 } as const;
  const { classes, train } = await readLibsvm(write(name, content), options);
  return { classes, features: train.features[0], labels: train.labels[0], length: train.length };
}

/** One example as a property draws it: a label and its features, 0 where the file does not name one. */
const example = fc.record({
  label: fc.constantFrom(-1, 1),
  features: fc.array(
    fc.oneof(fc.constant(0), fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(1)),
    { minLength: width, maxLength: width },
  ),
});

function line({ features, label }: { label: number; features: readonly number[] }): string {
  const pairs = features.flatMap((value, i) => (value === 0 ? [] : [`${i + 1}:${value}`]));
  return [label, ...pairs].join(" ");
}

describe("readLibsvm()", () => {
  it("reads back what was written", async () => {
    const examples = fc.array(example, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(examples, fc.boolean(), async (examples, ended) => {
        const { features, labels, length } = await columns(
          examples.map(line).join("\n") + (ended ? "\n" : ""),
        );
        expect(length).toBe(examples.length);
        const classes = [...new Set(examples.map(({ label }) => label))].sort((a, b) => a - b);
        expect(Array.from(labels.data)).toEqual(examples.map(({ label }) => classes.indexOf(label)));
        expect(labels.classNames).toEqual(classes.map(String));
        // Adding 0 makes −0, which a file does not name, the 0 that is read.
        expect(Array.from(features.data)).toEqual(
          examples.flatMap((one) => one.features).map((value) => value + 0),
        );
      }),
    );
  });

  it("makes float32 rows and int32 class indices in shared memory", async () => {
    const { features, labels } = await columns("-1 2:0.5\n+1 1:1 4:-2\n");
    expect(features).toEqual({
      data: Float32Array.of(0, 0.5, 0, 0, 1, 0, 0, -2),
      shape: [4],
      dtype: "float32",
      scale: 1,
      offset: 0,
    });
    expect(labels).toMatchObject({ data: Int32Array.of(0, 1), shape: [], dtype: "int32", classes: 2 });
    for (const { data } of [features, labels]) expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("reads lines that are cut by the pieces of a file", async () => {
    // 30,000 lines of 12 to 16 bytes, in pieces of 2¹⁸ bytes.
    const content = Array.from({ length: 30_000 }, (_, i) => `${(i % 2) + 1} 1:${i} 4:1`).join("\n");
    const { features, length } = await columns(content);
    expect(length).toBe(30_000);
    expect(features.data.every((value, at) => value === [at / width, 0, 0, 1][at % width])).toBe(true);
  });

  it("refuses a line without end before it makes a text of it", async () => {
    await expect(columns(Buffer.alloc(2 ** 25 + 1, "1"))).rejects.toMatchObject({
      code: "BAD_DATA",
      details: { line: 1 },
    });
  });

  it("names the file that is not there", async () => {
    const options = { labels: "class", testFile: null, features: null } as const;
    await expect(readLibsvm("nowhere.svm", options)).rejects.toMatchObject({
      details: { file: "nowhere.svm" },
    });
  });

  const whole = "-1 1:1 3:0.25 4:-2\n+1 2:1e2\n-1\n+1 1:3 4:10\n";

  it("reads the examples before a cut wherever the cut is, or names the line that was cut", async () => {
    const uncut = await columns(whole);
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const content = whole.slice(0, bytes);
      const complete = content.split("\n").length - 1;
      try {
        const { features, length } = await columns(content);
        // A cut may leave a line that is valid by itself; those before it are as they were.
        expect([complete, complete + 1]).toContain(length);
        expect(features.data.subarray(0, complete * width)).toEqual(
          uncut.features.data.subarray(0, complete * width),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(YfError);
        expect((error as YfError).details.line).toBe(bytes === 0 ? undefined : complete + 1);
      }
    }
  });

  it("reads changed bytes as finite numbers and known classes or throws BAD_DATA", async () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.boolean(), async (changed, zipped) => {
        const bytes = zipped ? gzipSync(whole) : Buffer.from(whole);
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
        try {
          const { classes, features, labels, length } = await columns(bytes, zipped ? "file.gz" : "file");
          expect(features.data).toHaveLength(length * width);
          expect(features.data.every(Number.isFinite)).toBe(true);
          const isKnown = (label: number) => label >= 0 && label < classes;
          expect(labels.dtype === "float32" || labels.data.every(isKnown)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect((error as YfError).code).toBe("BAD_DATA");
        }
      }),
      { numRuns: 200 },
    );
  });
});
