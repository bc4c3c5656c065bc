import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArrayData, fromArrays } from "../../src/data/from-arrays.ts";
import { YfError } from "../../src/errors.ts";
import { tf } from "../../src/tfjs/tf.ts";

describe("fromArrays()", () => {
  it("copies nested arrays into shared memory with their shape", () => {
    const dataset = fromArrays({ features: [[[1, 2]], [[3, 4]], [[5, 6]]], labels: [0, 1, 2] });
    expect(dataset).toEqual({
      features: [
        { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [1, 2], dtype: "float32", scale: 1, offset: 0 },
      ],
      labels: [{ data: Int32Array.of(0, 1, 2), shape: [], dtype: "int32", scale: 1, offset: 0 }],
      length: 3,
    });
    for (const { data } of [...dataset.features, ...dataset.labels])
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("takes the width of flat features from the number of labels, or a shape", () => {
    const features = new Float64Array(12).map((_, i) => i);
    const shapeOf = (given: ArrayData["features"]) =>
      fromArrays({ features: given, labels: [1, 0, 1] }).features[0].shape;
    expect(shapeOf(features)).toEqual([4]);
    expect(shapeOf({ values: features, shape: [2, 2] })).toEqual([2, 2]);
    expect(shapeOf([1, 2, 3])).toEqual([]);
  });

  it("keeps bytes as bytes and their scaling", () => {
    const {
      features: [features],
    } = fromArrays({
      features: { values: Uint8Array.of(0, 255), scale: 1 / 255, offset: -0.5 },
      labels: [0, 1],
    });
    expect(features).toEqual({
      data: Uint8Array.of(0, 255),
      shape: [1],
      dtype: "float32",
      scale: 1 / 255,
      offset: -0.5,
    });
  });

  it("takes tensors, which stay the user's own", () => {
    const [image, mask] = [tf.tensor3d([1, 2, 3, 4], [2, 2, 1]), tf.tensor2d([1, 0], [2, 1], "bool")];
    const before = tf.memory().numTensors;
    const { features, length } = fromArrays({
      features: { image, mask },
      labels: tf.tensor1d([5, 0], "int32"),
    });
    expect(length).toBe(2);
    expect(features).toMatchObject([
      { name: "image", data: Float32Array.of(1, 2, 3, 4), shape: [2, 1] },
      { name: "mask", data: Uint8Array.of(1, 0), shape: [1], scale: 1 },
    ]);
    const listed = fromArrays({
      features: [image, mask],
      labels: { values: tf.tensor1d([0, 1]), classes: 2 },
    });
    expect(listed.features).toHaveLength(2);
    expect(listed.labels).toMatchObject([{ classes: 2, dtype: "int32" }]);
    expect([image.isDisposed, tf.memory().numTensors - before]).toEqual([false, 2]);
  });

  it.each([
    ["NaN", tf.tensor2d([[1], [Number.NaN]]), "features must be finite in float32", "NaN at [1, 0]"],
    [
      "Infinity",
      tf.tensor2d([
        [1, 2],
        [3, -Infinity],
      ]),
      "features",
      "-Infinity at [1, 1]",
    ],
    [
      "strings",
      tf.tensor2d([["a"], ["b"]]),
      "features must be a tensor [N, ...] of numbers",
      "string [2, 1]",
    ],
    ["a scalar", tf.scalar(1), "features", "[]"],
    ["complex numbers", tf.complex([[1], [2]], [[0], [0]]), "features", "complex64 [2, 1]"],
  ])("refuses a tensor of %s by its place", (_, features, ...parts) => {
    for (const part of parts) expect(() => fromArrays({ features, labels: [0, 1] })).toThrow(part);
  });

  it("does not follow later changes of the arrays", () => {
    const array = Float32Array.of(1, 2);
    const { features } = fromArrays({ features: array, labels: [0, 1] });
    array[0] = 9;
    expect(features[0].data[0]).toBe(1);
  });

  it("takes several columns in a list or a record, each with a shape, type and name of its own", () => {
    const { features, labels, length } = fromArrays({
      features: {
        image: { values: Uint8Array.of(0, 255), shape: [1, 1, 1], scale: 1 / 255 },
        facts: [
          [1, 2],
          [3, 4],
        ],
      },
      labels: [Uint8Array.of(1, 0), { values: [0.5, 1.5], shape: [1] }],
    });
    expect(length).toBe(2);
    expect(features).toMatchObject([
      { name: "image", shape: [1, 1, 1], dtype: "float32", scale: 1 / 255 },
      { name: "facts", shape: [2], dtype: "float32", scale: 1 },
    ]);
    expect(features[0].data).toBeInstanceOf(Uint8Array);
    expect(labels).toMatchObject([
      { shape: [], dtype: "int32" },
      { shape: [1], dtype: "float32" },
    ]);
    expect("name" in labels[0]).toBe(false);
  });

  it("makes numbers of width 1 of scalars whose loss takes numbers", () => {
    const data = { features: [[1], [2]], labels: { a: [0, 1], b: [0, 1], c: { values: [0, 1], shape: [] } } };
    const { labels } = fromArrays(data, (_, name) => (name === "a" ? "class" : "value"));
    expect(labels).toMatchObject([
      { shape: [], dtype: "int32" },
      { shape: [1], dtype: "float32" },
      { shape: [], dtype: "float32" },
    ]);
  });

  it.each<[string, Partial<ArrayData>, "int32" | "float32", number[]]>([
    ["integers ≥ 0 are class indices", { labels: [0, 1] }, "int32", []],
    ["integer arrays are class indices", { labels: Uint8Array.of(0, 1) }, "int32", []],
    ["fractions are values", { labels: [0, 0.5] }, "float32", []],
    ["negative numbers are values", { labels: [-1, 1] }, "float32", []],
    [
      "whole numbers are class indices, whatever array they are in",
      { labels: Float32Array.of(0, 1) },
      "int32",
      [],
    ],
    ["so are rows of one", { labels: [[1], [0]] }, "int32", []],
    ["so are tensors of them", { labels: tf.tensor2d([[1], [0]]) }, "int32", []],
    [
      "one-hot rows of integers are values",
      {
        labels: tf.tensor2d(
          [
            [0, 1],
            [1, 0],
          ],
          [2, 2],
          "int32",
        ),
      },
      "float32",
      [2],
    ],
    ["a shape that is given is meant", { labels: { values: [0, 1], shape: [1] } }, "float32", [1]],
    [
      "rows are values",
      {
        labels: [
          [0, 1],
          [1, 0],
        ],
      },
      "float32",
      [2],
    ],
    [
      "a flat array with a shape is rows",
      { labels: { values: Int32Array.of(0, 1, 1, 0), shape: [2] } },
      "float32",
      [2],
    ],
    ["the type may be given", { labels: { values: [0, 1], type: "float32" } }, "float32", []],
  ])("tells labels apart: %s", (_, data, dtype, shape) => {
    expect(fromArrays({ features: [[1], [2]], labels: [0, 1], ...data }).labels[0]).toMatchObject({
      dtype,
      shape,
    });
  });

  it.each<[string, unknown, string]>([
    ["no examples", { features: [], labels: [] }, 'labels must hold no empty array (got "[]")'],
    [
      "no flat labels",
      { features: new Float32Array(0), labels: new Uint8Array(0) },
      "labels must hold at least one example (got 0)",
    ],
    [
      "no flat features",
      { features: new Float32Array(0), labels: [1] },
      "features must hold a multiple of 1 numbers, one row for each label (got 0)",
    ],
    ["empty rows", { features: [[], []], labels: [0, 1] }, 'features must hold no empty array (got "[]")'],
    [
      "different lengths",
      { features: [[1], [2]], labels: [0, 1, 2] },
      'there must be one label for each example (got "2 in features, 3 in labels")',
    ],
    [
      "a rest",
      { features: new Float32Array(5), labels: [0, 1] },
      "features must hold a multiple of 2 numbers, one row for each label (got 5)",
    ],
    [
      "a shape that does not fit",
      { features: { values: new Float32Array(5), shape: [3] }, labels: [0] },
      "the number of features must be a multiple of 3, the size of [3] (got 5)",
    ],
    [
      "a shape of nothing",
      { features: { values: new Float32Array(5), shape: [0] }, labels: [0] },
      "the shape of features must be integers > 0 (got [0])",
    ],
    [
      "ragged rows",
      { features: [[1, 2], [3]], labels: [0, 1] },
      'features must be rows of one shape, [2, 2] in all (got "1 items at [1]")',
    ],
    [
      "a number in the place of a row",
      { features: [[1, 2], 3], labels: [0, 1] },
      'features must be rows of one shape, [2, 2] in all (got "a number at [1]")',
    ],
    [
      "a hole",
      { features: Array(3), labels: [0, 1, 2] },
      'features must hold numbers (got "nothing at [0]")',
    ],
    [
      "a text",
      { features: [[1], ["2"]], labels: [0, 1] },
      'features must hold numbers (got "a string at [1][0]")',
    ],
    [
      "an object",
      { features: {}, labels: [0, 1] },
      'features must be a typed array of numbers, nested arrays or a tensor (got "Object")',
    ],
    [
      "numbers that are not double",
      { features: new BigInt64Array(2), labels: [0, 1] },
      'features must be a typed array of numbers, nested arrays or a tensor (got "BigInt64Array")',
    ],
    [
      "no labels at all",
      { features: [[1]] },
      'labels must be a typed array of numbers, nested arrays or a tensor (got "Undefined")',
    ],
    [
      "keys that mean nothing beside the columns",
      { features: [[1]], labels: [0], shape: [1] },
      'the arrays may have no other keys than features, labels (got "shape")',
    ],
    [
      "keys that mean nothing in a column",
      { features: { values: [[1]], dtype: "int32" }, labels: [0] },
      'features may have no other keys than values, shape, type, classes, scale, offset (got "dtype")',
    ],
    [
      "columns of different lengths",
      { features: { a: [[1], [2]], b: [[1], [2], [3]] }, labels: [0, 1] },
      'there must be one label for each example (got "3 in features.b, 2 in labels")',
    ],
    [
      "text for one of several columns",
      { features: [Float32Array.of(1), { values: ["1"] }], labels: [0] },
      'features[1] must hold numbers (got "a string at [0]")',
    ],
    [
      "a number for one of several columns",
      { features: { a: 1 }, labels: [0] },
      'features.a must be a typed array of numbers, nested arrays or a tensor (got "Number")',
    ],
    [
      "NaN",
      { features: [[1], [Number.NaN]], labels: [0, 1] },
      'every number in features must be finite in float32 (got "NaN at [1, 0]")',
    ],
    [
      "more than float32 can hold",
      { features: [[1], [1e39]], labels: [0, 1] },
      'every number in features must be finite in float32 (got "1e+39 at [1, 0]")',
    ],
    [
      "a fraction as class index",
      { features: [[1], [2]], labels: { values: [0, 0.5], type: "int32" } },
      'every number in labels must be an integer of 32 bits (got "0.5 at [1]")',
    ],
    [
      "a class too high",
      { features: [[1], [2]], labels: { values: [0, 2], classes: 2 } },
      'every number in labels must be in [0, 1] (got "2 at index 1")',
    ],
    [
      "a negative class",
      { features: [[1], [2]], labels: { values: [0, -1], type: "int32", classes: 2 } },
      'every number in labels must be in [0, 1] (got "-1 at index 1")',
    ],
    [
      "values where classes are promised",
      { features: [[1], [2]], labels: { values: [0, 0.5], classes: 2 } },
      'labels must be int32 where `classes` is given (got "float32")',
    ],
    [
      "a scale of nothing",
      { features: { values: [[1]], scale: 0 }, labels: [0] },
      "scale and offset of features must be finite and scale not 0 (got [0, 0])",
    ],
    [
      "scaled integers",
      { features: { values: [[1]], scale: 2, type: "int32" }, labels: [0] },
      "features of int32 cannot be scaled (got [2, 0])",
    ],
  ])("refuses %s", (_, data, sentence) => {
    expect(() => fromArrays(data as ArrayData)).toThrow(
      expect.objectContaining({
        code: "BAD_DATA",
        message: `Cannot make a data set from arrays: ${sentence}`,
      }),
    );
  });

  it("makes a data set of anything or throws BAD_DATA", () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withTypedArray: true }),
        fc.anything(),
        (features, labels) => {
          try {
            expect(fromArrays({ features, labels } as ArrayData).length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(YfError);
          }
        },
      ),
    );
  });
});
