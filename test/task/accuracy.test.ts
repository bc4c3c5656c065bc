import { describe, expect, it } from "vitest";
import { accuracyKind, countCorrect } from "../../src/task/accuracy.ts";

describe("accuracyKind()", () => {
  it.each([
    ["class indices", [], "int32", [10], "sparseSoftmaxCrossEntropy", "class-index"],
    ["class indices and a loss of the user's", [], "int32", [10], null, "class-index"],
    ["one-hot", [10], "float32", [10], "softmaxCrossEntropy", "one-hot"],
    ["one logit", [1], "float32", [1], "sigmoidCrossEntropy", "binary"],
    ["several labels at once", [3], "float32", [3], "sigmoidCrossEntropy", "binary"],
    ["margins", [], "float32", [1], "hinge", "binary"],
    ["values", [1], "float32", [1], "meanSquaredError", null],
    ["images", [8, 8], "float32", [8, 8], null, null],
  ] as const)("knows what %s are compared by", (_, shape, dtype, predictions, loss, expected) => {
    expect(accuracyKind({ shape, dtype }, predictions, loss)).toBe(expected);
  });
});

it("knows nothing to compare an output without labels with", () => {
  expect(accuracyKind(undefined, [10], null)).toBe(null);
});

describe("countCorrect()", () => {
  const logits = Float32Array.of(0.1, 0.9, 0.2, /**/ 3, -1, 2, /**/ -5, -4, -6);

  it("counts the largest logit, the first one of equals", () => {
    expect(countCorrect("class-index", logits, Int32Array.of(1, 0, 2), 3)).toBe(2);
    expect(countCorrect("class-index", Float32Array.of(1, 1), Int32Array.of(0), 1)).toBe(1);
  });

  it("counts one-hot labels", () => {
    expect(countCorrect("one-hot", logits, Float32Array.of(0, 1, 0, 1, 0, 0, 1, 0, 0), 3)).toBe(2);
  });

  it("counts each output of a binary one by its share", () => {
    expect(countCorrect("binary", Float32Array.of(2, -1, 3, 4), Float32Array.of(1, 0, 0, 1), 2)).toBeCloseTo(
      1.5,
      9,
    );
  });
});
