import { describe, expect, test } from "vitest";
import { classesOfNumbers, classesOfWords, maxClasses, namesOf } from "../../src/data/class-labels.ts";

const refuse = (rule: string, received: unknown) => new RangeError(`${rule}: ${received}`);
const names = (labels: number[]) => {
  const classes = classesOfNumbers(labels, refuse);
  return classes === null ? null : namesOf(classes);
};

describe("classesOfNumbers()", () => {
  test.each([
    ["from 0 are class indices", [1, 0, 2, 1], ["0", "1", "2"]],
    ["from 0 that are written as floats are class indices", [0.0, 1.0], ["0", "1"]],
    // 1 and 3 have no examples, and 5 ≤ 2·3.
    [
      "from 0 with gaps are class indices, so that a class without examples keeps its place",
      [4, 0, 2],
      ["0", "1", "2", "3", "4"],
    ],
    ["from 0 with more gaps than labels are classes in their order", [255, 0, 255], ["0", "255"]],
    ["from 1 are classes in their order", [3, 1, 2], ["1", "2", "3"]],
    ["−1 and +1 are two classes", [1, -1], ["-1", "1"]],
    ["−0 and 0 are one class", [-0, 0, 1], ["0", "1"]],
    ["that are fractions are no classes", [0, 0.5], null],
    ["that are not finite are no classes", [0, Number.NaN], null],
  ])("labels %s", (_, labels, expected) => {
    expect(names(labels)).toEqual(expected);
  });

  test("the index of a label is its place among the names", () => {
    expect([...(classesOfNumbers([10, 30, 20], refuse) ?? [])]).toEqual([
      [10, 0],
      [20, 1],
      [30, 2],
    ]);
  });

  test("more classes than there can be are refused, whether they are indices or names", () => {
    const many = Array.from({ length: maxClasses + 1 }, (_, label) => label);
    expect(() => names(many)).toThrow(`at most ${maxClasses} classes`);
    expect(() => names(many.map((label) => 2 * label + 1))).toThrow(RangeError);
    expect(names(many.slice(0, -1))).toHaveLength(maxClasses);
    // As many labels, of which the largest is too large an index: 2·60,000 > 65,536.
    expect(() => names([...many.slice(0, 60_000), maxClasses])).toThrow(RangeError);
  });
});

describe("classesOfWords()", () => {
  test("classes are in natural order, in which 2 is before 10", () => {
    expect(namesOf(classesOfWords(["no", "grade 10", "grade 2", "no"], refuse))).toEqual([
      "grade 2",
      "grade 10",
      "no",
    ]);
  });
});
