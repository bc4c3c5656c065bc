/** What the corpus of small files cannot show: large tables, wide ones, damaged ones, and how columns are stored. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvOptions, readCsv } from "../../src/data/csv.ts";
import { YfError } from "../../src/errors.ts";
import { temporaryFolder } from "./folder.ts";

const write = temporaryFolder("csv");
const defaults: CsvOptions = {
  labelColumn: null,
  labels: "class",
  testFile: null,
  separator: null,
  decimal: null,
  header: null,
  missing: null,
  ignoreColumns: [],
};

const read = (content: string | Uint8Array, options: Partial<CsvOptions> = {}) =>
  readCsv(write("table.csv", content), { ...defaults, ...options });

describe("readCsv()", () => {
  test("stores float32 features and int32 classes in shared memory, with their names", async () => {
    const { classes, train } = await read("age,city,kind\n1.5,Oslo,yes\n-2e1,Rome,no\n3,Oslo,no\n");
    expect(classes).toBe(2);
    expect(train).toEqual({
      features: [
        {
          data: Float32Array.of(1.5, 1, 0, -20, 0, 1, 3, 1, 0),
          shape: [3],
          dtype: "float32",
          scale: 1,
          offset: 0,
          fields: [
            { name: "age", words: null },
            { name: "city", words: ["Oslo", "Rome"] },
          ],
        },
      ],
      labels: [
        {
          data: Int32Array.of(1, 0, 0),
          shape: [],
          dtype: "int32",
          scale: 1,
          offset: 0,
          classes: 2,
          classNames: ["no", "yes"],
          fields: [{ name: "kind", words: null }],
        },
      ],
      length: 3,
    });
    for (const { data } of [...train.features, ...train.labels]) {
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });

  test("reads a table of several pieces, whose words are cut anywhere", async () => {
    // 40,000 lines of 14 to 18 bytes, two and three of which are one character, in pieces of 2¹⁸ bytes.
    const cities = ["Ålesund", "北京市", "Rome"];
    const content = Array.from({ length: 40_000 }, (_, i) => `${i % 7},${cities[i % 3]},${i % 2}`).join("\n");
    const { train } = await read(content);
    const [{ data, fields }] = train.features;
    expect(train.length).toBe(40_000);
    expect(fields?.[1].words?.toSorted()).toEqual(cities.toSorted());
    const at = 39_998 * 4;
    // 39,998 is 5,714·7 and 2 more than a multiple of 3.
    expect([...data.slice(at, at + 4)]).toEqual([
      0,
      ...(fields?.[1].words ?? []).map((word) => Number(word === "Rome")),
    ]);
  });

  test("reads a table of 30,000 columns", async () => {
    const row = (value: number) => Array.from({ length: 30_000 }, () => value).join(",");
    const { train } = await read(`${row(1)},0\n${row(2)},1\n`);
    expect(train.features[0].shape).toEqual([30_000]);
    expect(train.features[0].data[59_999]).toBe(2);
  });

  const whole = "a;b;kind\n1,5;Oslo;yes\n1.234,25;Rome;no\n-3;Oslo;no\n12;Turin;yes\n";

  test("reads changed bytes as finite numbers and known classes or refuses them", async () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    const missing = fc.constantFrom(null, "mean", "drop");
    await fc.assert(
      fc.asyncProperty(changes, missing, async (changed, missing) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changed) bytes[at] = byte;
        try {
          const { classes, train } = await read(bytes, { missing });
          const [{ data, shape }] = train.features;
          expect(data).toHaveLength(train.length * shape[0]);
          // What is missing is filled after the examples to test with are taken out.
          expect(
            data.every((value) => Number.isFinite(value) || (missing === "mean" && Number.isNaN(value))),
          ).toBe(true);
          const [labels] = train.labels;
          expect(
            labels.dtype === "float32" || labels.data.every((label) => label >= 0 && label < classes),
          ).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "BAD_DATA" });
          expect(error).toBeInstanceOf(YfError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
