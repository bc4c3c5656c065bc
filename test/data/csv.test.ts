import { describe, expect, test } from "vitest";
import { readCsv } from "../../src/data/csv.ts";
import { temporaryFolder } from "./folder.ts";

const write = temporaryFolder("csv");
const defaults = { labelColumn: null, labels: "class", testFile: null } as const;

function read(content: string, options: Partial<Parameters<typeof readCsv>[1]> = {}, name = "table.csv") {
  const { classes, test: tested, train } = readCsv(write(name, content), { ...defaults, ...options });
  return {
    classes,
    features: [...train.features[0].data],
    labels: [...train.labels[0].data],
    shapes: [train.features[0].shape, train.labels[0].shape],
    type: train.labels[0].dtype,
    test: tested === null ? null : [[...tested.features[0].data], [...tested.labels[0].data]],
  };
}

describe("readCsv()", () => {
  test("makes features of numbers and words, and classes of words", () => {
    const table = "age,city,kind\n1.5,Oslo,yes\n-2e1,Rome,no\n3,Oslo,no\n";
    // One column of numbers and one each for Oslo and Rome; no is class 0, yes class 1.
    expect(read(table)).toEqual({
      classes: 2,
      features: [1.5, 1, 0, -20, 0, 1, 3, 1, 0],
      labels: [1, 0, 0],
      shapes: [[3], []],
      type: "int32",
      test: null,
    });
  });

  test("has no header where the first row is numbers only", () => {
    expect(read("1,2,7\n3,4,5\n")).toMatchObject({ features: [1, 2, 3, 4], labels: [1, 0], classes: 2 });
  });

  test("has no header where a column of numbers begins with one and none with a name", () => {
    const flowers = read("5.1,3.5,setosa\n4.9,3,virginica\n");
    expect(flowers.features).toEqual([5.1, 3.5, 4.9, 3].map(Math.fround));
    expect(flowers.labels).toEqual([0, 1]);
    // Names may be numbers, too, as long as one is not.
    expect(read("0,1,kind\n5,3,1\n4,9,0\n")).toMatchObject({ features: [5, 3, 4, 9], labels: [1, 0] });
  });

  test("takes whole numbers for words where there are kinds among them", () => {
    expect(read("rooms,y\n1,0\n2,1\n3+,0\n")).toMatchObject({ shapes: [[3], []], labels: [0, 1, 0] });
  });

  test.each([
    ["y", "y"],
    ["its number", "1"],
  ])("finds the column of the label by %s", (_, labelColumn) => {
    expect(read("y,a\n0,5\n1,6\n", { labelColumn })).toMatchObject({ features: [5, 6], labels: [0, 1] });
  });

  test("takes labels as numbers where the loss does, and where they are no integers", () => {
    const values = { type: "float32", shapes: [[1], [1]], classes: 1 };
    expect(read("1,3\n2,4\n", { labels: "value" })).toMatchObject({ ...values, labels: [3, 4] });
    expect(read("1,3.5\n2,4\n")).toMatchObject({ ...values, labels: [3.5, 4] });
  });

  test("reads quoted fields with commas, line breaks and a byte order mark, and tabs in .tsv", () => {
    expect(read('\uFEFFa,y\r\n"x, or\ny",1\r\nz,0\r\n')).toMatchObject({
      features: [1, 0, 0, 1],
      labels: [1, 0],
    });
    expect(read("1\t2\n3\t4\n", {}, "table.tsv")).toMatchObject({ features: [1, 3] });
  });

  test("reads a table in UTF-16 that begins with its byte order mark, as spreadsheets save it", () => {
    const file = write("wide.tsv", Buffer.from("\uFEFFa\ty\n1\tthé\n2\tthè\n", "utf16le"));
    expect([...readCsv(file, defaults).train.labels[0].data]).toEqual([1, 0]);
  });

  test("gives a table to test with the words and classes of the first", () => {
    const testFile = write("test.csv", "a,y\nz,1\n");
    expect(read("a,y\nx,0\nz,1\n", { testFile }).test).toEqual([[0, 1], [1]]);
  });
});

/** Content; the rule; what was received; line. */
const wrong: readonly [string, string, string, string, number?][] = [
  ["no rows", "", "it must have at least one row of data", "0"],
  ["a header alone", "a,b\n", "it must have at least one row of data", "0"],
  ["one column", "a\n1\n", "it must have a column of features beside the label's", '"a"'],
  [
    "a row too short",
    "1,2\n3\n",
    "every row must have as many fields as the first",
    '"Invalid Record Length: expect 2, got 1 on line 2"',
    2,
  ],
  [
    "a quote in the middle",
    '1,2\n3"4,5\n',
    "it must be a table of fields with commas (tabs in .tsv), quoted where they hold one",
    '"Invalid Opening Quote',
    2,
  ],
  [
    "a gap in a column of whole numbers",
    "a,y\n1,0\nNaN,1\n",
    "line 3 must have a number in a, like other lines",
    '"NaN"',
    3,
  ],
  [
    "a gap in the first row of a table without a header",
    "0.5,-inf,0\n1,2,1\n",
    "line 1 must have a number in column 2, like other lines",
    '"-inf"',
    1,
  ],
  ["a gap in the label", "a,y\n1,0\n2,?\n", "line 3 must have a number in y, like other lines", '"?"', 3],
  [
    "a word among fractions",
    "a,y\n1.5,0\n3,1\n1O.2,1\nold,0\n",
    "line 4 must have a number in a, like other lines",
    '"1O.2"',
    4,
  ],
  ["an empty field", "a,b\n1,2\n,3\n", "line 3 must have a value in a", '""', 3],
  ["a comma at the end of each line", "a,b,\n1,2,\n", "line 2 must have a value in column 3", '""', 2],
  [
    "a number that float32 does not hold",
    "a,y\n1,0\n1e39,1\n",
    "line 3 must have a finite number in a",
    '"1e39"',
    3,
  ],
];

describe("readCsv() refuses", () => {
  test.each(wrong)("%s", (_, content, rule, received, line) => {
    const file = write("wrong.csv", content);
    expect(() => readCsv(file, defaults)).toThrow(`Cannot read ${file} as ${rule}: received ${received}`);
    expect(() => readCsv(file, defaults)).toThrow(
      expect.objectContaining({ code: "BAD_DATA", details: line === undefined ? { file } : { file, line } }),
    );
  });

  test("a column that is not there", () => {
    const file = write("columns.csv", "a,b\n1,2\n");
    expect(() => readCsv(file, { ...defaults, labelColumn: "c" })).toThrow(
      `Cannot read ${file} as its label column must be one of a, b, or a number in [1, 2]: received "c"`,
    );
  });

  test("words that are not in UTF-8, with the offset of the first, as different ones could become one", () => {
    const file = write("latin.csv", Buffer.from("a,y\n1,th\xe9\n2,th\xe8\n", "latin1"));
    expect(() => readCsv(file, defaults)).toThrow(
      expect.objectContaining({
        message: `Cannot read ${file} at byte 8 as it must be text in UTF-8: received "other bytes"`,
        details: { file, offset: 8 },
      }),
    );
  });

  test("words where the loss takes numbers", () => {
    const file = write("words.csv", "a,b\n1,yes\n");
    expect(() => readCsv(file, { ...defaults, labels: "value" })).toThrow(
      `Cannot read ${file} as line 2 must have a number in b, the label, for this loss: received "yes"`,
    );
  });

  test("more than a thousand words in a column", () => {
    const file = write("names.csv", Array.from({ length: 1002 }, (_, i) => `name${i},1`).join("\n"));
    expect(() => readCsv(file, defaults)).toThrow(
      `Cannot read ${file} as a column of words must have at most 1000 different ones: received "more in column 1"`,
    );
  });

  test.each([
    ["another header", "b,y\n1,1\n", 'it must have the header of FILE, a, y: received "b, y"'],
    ["a new word", "a,y\nw,1\n", 'line 2 must have a word of the data to train on in a: received "w"'],
    ["a new class", "a,y\nx,2\n", 'line 2 must have a class of the data to train on in y: received "2"'],
    ["another width", "a,y\nx,1,2\n", "every row must have as many fields as the first: received "],
  ])("%s in a table to test with", (_, content, message) => {
    const file = write("train.csv", "a,y\nx,0\nz,1\n");
    const testFile = write("tested.csv", content);
    expect(() => readCsv(file, { ...defaults, testFile })).toThrow(
      `Cannot read ${testFile} as ${message.replace("FILE", file)}`,
    );
  });
});
