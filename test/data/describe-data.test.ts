import { expect, test } from "vitest";
import type { Column, Dataset } from "../../src/data/dataset.ts";
import { dataText, describeData } from "../../src/data/describe-data.ts";

const column = (shape: number[], extra: Partial<Column> = {}): Column => ({
  data: new Float32Array(new SharedArrayBuffer(0)),
  shape,
  dtype: "float32",
  scale: 1,
  offset: 0,
  ...extra,
});

const split = (features: Column[], labels: Column[], tested = 0) => {
  const dataset = (length: number): Dataset => ({ features, labels, length });
  return { train: dataset(320), test: tested === 0 ? null : dataset(tested) };
};
const textOf = (...given: Parameters<typeof split>) => dataText(describeData(split(...given)));

const table = column([6], {
  fields: [
    { name: "age", words: null },
    { name: "city", words: ["Oslo", "Rome", "Turin"] },
    { name: "rooms", words: null },
    { name: "price", words: null },
  ],
});
const classes = column([], { dtype: "int32", classes: 2, classNames: ["no", "yes"] });

test("dataText() counts examples, features, columns, words and classes of a table", () => {
  expect(textOf([table], [classes], 80)).toBe(
    "400 examples (80 to test), 6 features from 4 columns (city: 3 words), 2 classes (no, yes)",
  );
});

test.each([
  [
    "numbers to predict",
    [column([1])],
    [column([1], { fields: [{ name: "price", words: null }] })],
    "1 feature, numbers to predict (price)",
  ],
  [
    "images and many classes",
    [column([28, 28, 1])],
    [column([], { dtype: "int32", classes: 10 })],
    "images of 28×28×1, 10 classes (0, 1, 2, …, 9)",
  ],
  [
    "several inputs",
    [column([2], { name: "facts" }), column([4, 4, 3], { name: "image" })],
    [classes],
    "facts: 2 features, image: images of 4×4×3, 2 classes (no, yes)",
  ],
  [
    "sequences",
    [column([50], { dtype: "int32" })],
    [column([50], { dtype: "int32" })],
    "sequences of 50, class indices of 50",
  ],
])("dataText() names %s", (_, features, labels, text) => {
  expect(textOf(features, labels)).toBe(
    `320 examples (none to test: --validation-split X keeps some), ${text}`,
  );
});

test("describeData() says what is in each place of inputs and outputs, as JSON keeps it", () => {
  const image = column([4, 4, 3], { scale: 1 / 255, name: "image" });
  const description = describeData(split([image, table], [classes], 80));
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description).toMatchObject({
    trainExamples: 320,
    testExamples: 80,
    inputs: [
      {
        name: "image",
        shape: [4, 4, 3],
        layout: "HWC",
        scale: 1 / 255,
        offset: 0,
        fields: null,
        classNames: null,
      },
      { name: null, shape: [6], layout: null, fields: table.fields },
    ],
    targets: [{ dtype: "int32", shape: [], classNames: ["no", "yes"] }],
  });
});

test("dataText() says what was recognised in a table where it is not what most have", () => {
  const reading = { form: "table", hasHeader: true, missing: null, means: null, columns: [] } as const;
  const of = (separator: "comma" | "pipe" | "semicolon", decimalSign: "comma" | "point") =>
    dataText(
      describeData({ ...split([table], [classes], 80), reading: { ...reading, separator, decimalSign } }),
    );
  const plain = textOf([table], [classes], 80);
  expect(of("comma", "point")).toBe(plain);
  expect(of("semicolon", "comma")).toBe(`${plain}, read with semicolons between columns and decimal commas`);
  expect(of("pipe", "point")).toBe(`${plain}, read with pipes between columns`);
  expect(of("comma", "comma")).toBe(`${plain}, read with decimal commas`);
});

test("dataText() shows classes that are white space", () => {
  const characters = column([5], { dtype: "int32", classes: 3, classNames: ["\n", " ", "a"] });
  expect(textOf([column([5], { dtype: "int32" })], [characters], 1)).toContain('3 classes ("\\n", " ", a)');
});
