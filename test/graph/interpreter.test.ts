import { describe, expect, test } from "vitest";
import { interpretedKernels } from "../../src/graph/interpreter.ts";
import { image, matrix, runKernel, vector } from "./run-kernel.ts";

describe("elementwise kernels", () => {
  const unary = (op: string, ...x: number[]) => runKernel(op, [vector(...x)], {}, [[x.length]]);

  test("round halves to even, as TensorFlow does", () => {
    expect(unary("Round", 0.5, 1.5, 2.5, -0.5, -1.5, 1.2)).toEqual([0, 2, 2, 0, -2, 1]);
  });

  test("give erf to float32 precision on both sides of its series", () => {
    // erf 0.5, 1 and 3 from the tables of NIST's Digital Library of Mathematical Functions, 7.
    expect(unary("Erf", 0, 0.5, 1, 3, -1, 7)).toEqual(
      [0, 0.5204998778, 0.8427007929, 0.9999779095, -0.8427007929, 1].map(Math.fround),
    );
  });

  test("do not overflow in softplus", () => {
    // log(1 + e^x) is x for large x, e^x for very small x, ln 2 at 0
    expect(unary("Softplus", 200, 0)).toEqual([200, Math.fround(Math.LN2)]);
  });

  test("take the sign of the divisor in Mod", () => {
    expect(runKernel("Mod", [vector(5, -5, 5, -5), vector(3, 3, -3, -3)], {}, [[4]])).toEqual([2, 1, -1, -2]);
  });

  test("broadcast both operands", () => {
    const column = { shape: [2, 1], data: [10, 20] };
    expect(runKernel("Add", [column, vector(1, 2, 3)], {}, [[2, 3]])).toEqual([11, 12, 13, 21, 22, 23]);
  });

  test("choose whole rows by a condition of one dimension", () => {
    const inputs = [vector(1, 0), matrix([1, 2], [3, 4]), matrix([5, 6], [7, 8])];
    expect(runKernel("Select", inputs, {}, [[2, 2]])).toEqual([1, 2, 7, 8]);
  });

  test("step at zero to alpha and keep NaN", () => {
    expect(runKernel("Step", [vector(-1, 0, 2, Number.NaN)], { alpha: 0.25 }, [[4]])).toEqual([
      0.25,
      0.25,
      1,
      Number.NaN,
    ]);
  });
});

describe("reductions", () => {
  const x = matrix([1, 5, 3], [4, 2, 6]);

  test("reduce one axis, a negative axis, all axes", () => {
    expect(runKernel("Sum", [x], { axis: [0] }, [[3]])).toEqual([5, 7, 9]);
    expect(runKernel("Mean", [x], { axis: -1 }, [[2]])).toEqual([3, 4]);
    expect(runKernel("Prod", [x], {}, [[]])).toEqual([720]);
    expect(runKernel("Max", [x], { reductionIndices: [1], keepDims: true }, [[2, 1]])).toEqual([5, 6]);
  });

  test("return the first of equal extremes", () => {
    expect(runKernel("ArgMax", [vector(1, 7, 7)], { axis: 0 }, [[]])).toEqual([1]);
    expect(runKernel("ArgMin", [vector(2, 1, 1)], { axis: 0 }, [[]])).toEqual([1]);
  });

  test("sum up from either end, with or without the element itself", () => {
    const cumsum = (exclusive: boolean, reverse: boolean) =>
      runKernel("Cumsum", [vector(1, 2, 4)], { axis: 0, exclusive, reverse }, [[3]]);
    expect(cumsum(false, false)).toEqual([1, 3, 7]);
    expect(cumsum(true, false)).toEqual([0, 1, 3]);
    expect(cumsum(false, true)).toEqual([7, 6, 4]);
    expect(cumsum(true, true)).toEqual([6, 4, 0]);
  });

  test("multiply up from either end", () => {
    const cumprod = (exclusive: boolean, reverse: boolean) =>
      runKernel("Cumprod", [vector(2, 3, 4)], { axis: 0, exclusive, reverse }, [[3]]);
    expect(cumprod(false, false)).toEqual([2, 6, 24]);
    expect(cumprod(true, true)).toEqual([12, 4, 1]);
  });

  test("pass over NaN in the place of an extreme, and give it for the extreme itself", () => {
    const x = vector(1, Number.NaN, 7, 0);
    expect(runKernel("ArgMax", [x], { axis: 0 }, [[]])).toEqual([2]);
    expect(runKernel("ArgMin", [x], { axis: 0 }, [[]])).toEqual([3]);
    expect(runKernel("Max", [x], { reductionIndices: [0] }, [[]])).toEqual([Number.NaN]);
    expect(runKernel("Sign", [x], {}, [[4]])).toEqual([1, 0, 1, 0]);
  });

  test("do not overflow in softmax", () => {
    expect(runKernel("Softmax", [matrix([1000, 1000])], {}, [[1, 2]])).toEqual([0.5, 0.5]);
  });
});

describe("matrix products", () => {
  const a = matrix([1, 2], [3, 4]);
  const b = matrix([5, 6], [7, 8]);

  test("transpose either operand", () => {
    const product = (transposeA: boolean, transposeB: boolean) =>
      runKernel("BatchMatMul", [a, b], { transposeA, transposeB }, [[2, 2]]);
    expect(product(false, false)).toEqual([19, 22, 43, 50]);
    // aᵀ = [1 3; 2 4], bᵀ = [5 7; 6 8]
    expect(product(true, false)).toEqual([26, 30, 38, 44]);
    expect(product(false, true)).toEqual([17, 23, 39, 53]);
    expect(product(true, true)).toEqual([23, 31, 34, 46]);
  });

  test("broadcast batch axes", () => {
    const batch = { shape: [2, 1, 2], data: [1, 0, 0, 1] };
    expect(runKernel("BatchMatMul", [batch, b], {}, [[2, 1, 2]])).toEqual([5, 6, 7, 8]);
  });

  test("fused with bias and activation add the bias first", () => {
    const inputs = [a, b, vector(-20, -60), null];
    // [19−20, 22−60, 43−20, 50−60]
    const fused = (attributes: Record<string, string | number>, slopes = inputs[3]) =>
      runKernel("_FusedMatMul", [...inputs.slice(0, 3), slopes], attributes, [[2, 2]]);
    expect(fused({ activation: "linear" })).toEqual([-1, -38, 23, -10]);
    expect(fused({ activation: "relu" })).toEqual([0, 0, 23, 0]);
    expect(fused({ activation: "relu6" })).toEqual([0, 0, 6, 0]);
    expect(fused({ activation: "leakyrelu", leakyreluAlpha: 0.5 })).toEqual([-0.5, -19, 23, -5]);
    expect(fused({ activation: "prelu" }, vector(2, 0.5))).toEqual([-2, -19, 23, -5]);
    expect(fused({ activation: "elu" })[0]).toBe(Math.fround(Math.expm1(-1)));
    expect(fused({ activation: "sigmoid" })[0]).toBe(Math.fround(1 / (1 + Math.E)));
    expect(() => fused({ activation: "gelu" })).toThrow("its activation must be known (got gelu)");
  });
});

describe("indices", () => {
  test("of the largest come with them, the first of equal ones first", () => {
    const x = matrix([1, 7, 7, 3], [4, 2, 6, 5]);
    const shapes = [
      [2, 3],
      [2, 3],
    ];
    expect(runKernel("TopK", [x], { k: 3, sorted: true }, shapes)).toEqual([7, 7, 3, 6, 5, 4]);
    expect(runKernel("TopK", [x], { k: 3, sorted: true }, shapes, 1)).toEqual([1, 2, 3, 2, 3, 0]);
  });

  test("name elements, or rows by the first part of their places", () => {
    const x = matrix([1, 2], [3, 4]);
    expect(runKernel("GatherNd", [x, matrix([1, 0], [0, 1])], {}, [[2]])).toEqual([3, 2]);
    expect(runKernel("GatherNd", [x, matrix([1], [1], [0])], {}, [[3, 2]])).toEqual([3, 4, 3, 4, 1, 2]);
    expect(() => runKernel("GatherNd", [x, matrix([2])], {}, [[1, 2]])).toThrow(/\[2,2\]/);
  });
});

describe("windows", () => {
  const x = image([1, 2, 3], [4, 5, 6], [7, 8, 9]);
  const ones = { shape: [2, 2, 1, 1], data: [1, 1, 1, 1] };
  const convolve = (attributes: Record<string, never> | object, size: number) =>
    runKernel("Conv2D", [x, ones], { strides: 1, pad: "valid", ...attributes }, [[1, size, size, 1]]);

  test("of valid padding stay inside the image", () => {
    expect(convolve({}, 2)).toEqual([12, 16, 24, 28]);
  });

  test("of same padding put the odd row and column of padding at the end", () => {
    expect(convolve({ pad: "same" }, 3)).toEqual([12, 16, 9, 24, 28, 15, 15, 17, 9]);
  });

  test("have strides, dilations and explicit padding", () => {
    expect(convolve({ pad: "same", strides: [2, 2] }, 2)).toEqual([12, 9, 15, 9]);
    // corners of the image: 1 + 3 + 7 + 9
    expect(convolve({ dilations: [2, 2] }, 1)).toEqual([20]);
    expect(convolve({ pad: 1, strides: 2 }, 2)).toEqual([1, 5, 11, 28]);
    const edges = [
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 0],
    ];
    expect(convolve({ pad: edges }, 3)).toEqual([1, 3, 5, 5, 12, 16, 11, 24, 28]);
  });

  test("pass over NaN in a maximum", () => {
    const attributes = { filterSize: 2, strides: 2, pad: "valid" };
    const window = image([Number.NaN, 3], [2, Number.NaN]);
    expect(runKernel("MaxPool", [window], attributes, [[1, 1, 1, 1]])).toEqual([3]);
  });

  test("give the gradient of a maximum to the first of equal elements in row-major order", () => {
    const flat = image([3, 3], [3, 3]);
    const dy = { shape: [1, 1, 1, 1], data: [5] };
    const attributes = { filterSize: 2, strides: 2, pad: "valid" };
    expect(runKernel("MaxPoolGrad", [dy, flat, dy], attributes, [[1, 2, 2, 1]])).toEqual([5, 0, 0, 0]);
  });

  test("average over the elements inside the image only, and so does the gradient", () => {
    const attributes = { filterSize: 2, strides: 2, pad: "same" };
    expect(runKernel("AvgPool", [x], attributes, [[1, 2, 2, 1]])).toEqual([3, 4.5, 7.5, 9]);
    const dy = image([4, 4], [4, 4]);
    // Windows of 4, 2, 2 and 1 elements.
    expect(runKernel("AvgPoolGrad", [dy, x], attributes, [[1, 3, 3, 1]])).toEqual([
      1, 1, 2, 1, 1, 2, 2, 2, 4,
    ]);
  });
});

describe("kernels that move elements", () => {
  const x = matrix([1, 2, 3], [4, 5, 6]);

  test("transpose, reverse, repeat, cut and pad", () => {
    expect(runKernel("Transpose", [x], { perm: [1, 0] }, [[3, 2]])).toEqual([1, 4, 2, 5, 3, 6]);
    expect(runKernel("Reverse", [x], { dims: [-1] }, [[2, 3]])).toEqual([3, 2, 1, 6, 5, 4]);
    expect(runKernel("Tile", [vector(1, 2)], { reps: [2] }, [[4]])).toEqual([1, 2, 1, 2]);
    expect(runKernel("Slice", [x], { begin: [1, 1], size: [1, 2] }, [[1, 2]])).toEqual([5, 6]);
    const paddings = [[1], [2]].map(([n]) => [n, 0]);
    expect(runKernel("PadV2", [matrix([7])], { paddings, constantValue: 9 }, [[2, 3]])).toEqual([
      9, 9, 9, 9, 9, 7,
    ]);
  });

  test("join and split along any axis", () => {
    expect(runKernel("Concat", [x, matrix([7], [8])], { axis: 1 }, [[2, 4]])).toEqual([
      1, 2, 3, 7, 4, 5, 6, 8,
    ]);
    expect(runKernel("Pack", [vector(1, 2), vector(3, 4)], { axis: 1 }, [[2, 2]])).toEqual([1, 3, 2, 4]);
    expect(runKernel("Pack", [vector(1, 2), vector(3, 4)], { axis: -1 }, [[2, 2]])).toEqual([1, 3, 2, 4]);
    expect(
      runKernel(
        "SplitV",
        [x],
        { numOrSizeSplits: [1, 2], axis: 1 },
        [
          [2, 1],
          [2, 2],
        ],
        1,
      ),
    ).toEqual([2, 3, 5, 6]);
    expect(runKernel("Unpack", [x], { axis: 0 }, [[3], [3]], 1)).toEqual([4, 5, 6]);
  });

  test("gather rows, within batches too", () => {
    const gather = (indices: object, axis: number, batchDims: number, shape: number[]) =>
      runKernel("GatherV2", [x, indices as never], { axis, batchDims }, [shape]);
    expect(gather(vector(1, 0, 1), 0, 0, [3, 3])).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6]);
    expect(gather(matrix([2, 0], [0, 1]), 1, 1, [2, 2])).toEqual([3, 1, 4, 5]);
    expect(() => gather(vector(2), 0, 0, [1, 3])).toThrow("each index must be in [0, 2) (got 2)");
  });

  test("add rows of the same segment and drop those of none", () => {
    const rows = matrix([1, 1], [2, 2], [4, 4], [8, 8]);
    expect(
      runKernel("UnsortedSegmentSum", [rows, vector(1, 0, 1, -1)], { numSegments: 3 }, [[3, 2]]),
    ).toEqual([2, 2, 5, 5, 0, 0]);
  });

  test("make one-hot rows, and a cold one for an index out of range", () => {
    const attributes = { depth: 2, onValue: 3, offValue: 1 };
    expect(runKernel("OneHot", [vector(1, 2)], attributes, [[2, 2]])).toEqual([1, 3, 1, 1]);
  });

  test("fill", () => {
    expect(runKernel("Fill", [], { value: 4 }, [[2]])).toEqual([4, 4]);
  });
});

describe("resizing", () => {
  const x = image([1, 3]);
  const resize = (op: string, attributes: object) =>
    runKernel(op, [x], { alignCorners: false, halfPixelCenters: false, ...attributes }, [[1, 1, 4, 1]]);

  test("repeats the nearest element", () => {
    expect(resize("ResizeNearestNeighbor", {})).toEqual([1, 1, 3, 3]);
  });

  test("interpolates from corners, from pixel centers, or from the upper left", () => {
    // places 0, 0.5, 1, 1.5; beyond the last center the last element
    expect(resize("ResizeBilinear", {})).toEqual([1, 2, 3, 3]);
    expect(resize("ResizeBilinear", { alignCorners: true })).toEqual([1, 5 / 3, 7 / 3, 3].map(Math.fround));
    // (i + 0.5)/2 − 0.5 = −0.25, 0.25, 0.75, 1.25
    expect(resize("ResizeBilinear", { halfPixelCenters: true })).toEqual([1, 1.5, 2.5, 3]);
  });
});

test("batch normalization takes its moments as they are", () => {
  const inputs = [matrix([3, 10], [5, 20]), vector(2, 1), vector(1, 0), vector(3, 10), vector(3, 99)];
  // (x − mean)/√(variance + 1)·scale + offset; √4 = 2, √100 = 10
  expect(runKernel("FusedBatchNorm", inputs, { varianceEpsilon: 1 }, [[2, 2]])).toEqual([1, 0, 3, 1]);
});

test("an unknown kernel is refused by name", () => {
  expect(() => runKernel("FFT", [], {}, [[1]])).toThrow('every kernel must be a known one (got "FFT")');
  expect(interpretedKernels).not.toContain("FFT");
});

test("a constant of the wrong length is refused", () => {
  expect(() => runKernel("Neg", [{ shape: [2], data: [1] }], {}, [[2]])).toThrow(
    "a constant must have 2 elements (got 1)",
  );
});
