import { expect, test } from "vitest";
import { dataWarnings } from "../../src/data/data-warnings.ts";
import type { Column, DataSplit } from "../../src/data/dataset.ts";

const floats = (values: number[], shape: number[], extra: Partial<Column> = {}): Column => {
  const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
  data.set(values);
  return { data, shape, dtype: "float32", scale: 1, offset: 0, ...extra };
};
const classes = (labels: number[], classNames: string[]): Column => {
  const data = new Int32Array(new SharedArrayBuffer(4 * labels.length));
  data.set(labels);
  return { data, shape: [], dtype: "int32", scale: 1, offset: 0, classes: classNames.length, classNames };
};

/** Warnings of examples with a test set. */
function warningsOf(features: Column, labels: Column, length: number): string[] {
  const train = { features: [features], labels: [labels], length };
  return dataWarnings({ train, test: train });
}

const fine = classes([0, 1, 0, 1], ["no", "yes"]);

test("dataWarnings() has nothing to say of a sound data set", () => {
  expect(warningsOf(floats([1, 2, 3, 0.5], [1]), fine, 4)).toEqual([]);
});

test("a reader's own warnings come first", () => {
  const train = { features: [floats([1, 2], [1])], labels: [floats([0, 0], [1])], length: 2 };
  const split: DataSplit = { train, test: null, warnings: ["One of the reader's."] };
  expect(dataWarnings(split)).toEqual(["One of the reader's."]);
});

test("whole numbers by the hundred are probably no classes", () => {
  const labels = Array.from({ length: 100 }, (_, i) => i);
  const column = classes(labels, labels.map(String));
  expect(
    warningsOf(
      floats(
        labels.map(() => 1),
        [1],
      ),
      column,
      100,
    ),
  ).toEqual([expect.stringMatching(/100 different whole numbers.*--loss meanSquaredError/)]);
});

test("more classes than examples of each are too many", () => {
  // 3 classes, 6/3 = 2 examples of each; with 9 there are 3 of each.
  const names = ["a", "b", "c"];
  expect(warningsOf(floats(Array(6).fill(1), [1]), classes([0, 1, 2, 0, 1, 2], names), 6)).toEqual([
    expect.stringContaining("more classes (3) than examples of each (2.0 on average)"),
  ]);
  expect(warningsOf(floats(Array(9).fill(1), [1]), classes([0, 1, 2, 0, 1, 2, 0, 1, 2], names), 9)).toEqual(
    [],
  );
});

test("a class without examples is named, and so is the only one that has some", () => {
  const one = floats(Array(16).fill(1), [1]);
  const names = ["a", "b", "c"];
  const labels = Array.from({ length: 16 }, (_, i) => 2 * (i % 2));
  expect(warningsOf(one, classes(labels, names), 16)).toEqual(["No example to train on is of class b."]);
  expect(warningsOf(one, classes(Array(16).fill(1), names), 16)).toEqual([
    expect.stringContaining("of one class, b"),
  ]);
});

test("features whose sizes differ by 10⁴ are named, a word by its column, and scaling counts", () => {
  const fields = [
    { name: "income", words: null },
    { name: "city", words: ["Oslo", "Rome"] },
  ];
  const rows = [-20_000, 1, 0, 30_000, 0, 1, 5, 1, 0, 7, 0, 1];
  expect(warningsOf(floats(rows, [3], { fields }), fine, 4)).toEqual([
    expect.stringMatching(/from city Oslo \(up to 1\) to income \(up to 30000\)/),
  ]);
  // 9,999 is less than 10⁴ times 1, and 0 has no size.
  expect(warningsOf(floats([1, 0, 9999, 1, 0, 1, 1, 0, 1, 1, 0, 1], [3]), fine, 4)).toEqual([]);
});

test("numbers to predict far from 1 are told", () => {
  const features = floats([1, 2], [1]);
  expect(warningsOf(features, floats([250_000, 180_000], [1]), 2)).toEqual([
    expect.stringContaining("up to 250000"),
  ]);
  expect(warningsOf(features, floats([250_000, 180_000], [1], { scale: 1e-5 }), 2)).toEqual([]);
});
