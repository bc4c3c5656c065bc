/** Kernels along axes: reductions, index of an extreme, running sums, softmax. */
import {
  axesOf,
  flatIndex,
  forEachCoordinate,
  type Kernel,
  type KernelFamily,
  stridesOf,
  type Tensor,
} from "./tensor.ts";

/** The elements that are reduced to each output element, in row-major order of the input. */
function groups(x: Tensor, axes: readonly number[]): number[][] {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const result: number[][] = Array.from({ length: kept.reduce((a, b) => a * b, 1) }, () => []);
  forEachCoordinate(x.shape, (coordinate, flat) => result[flatIndex(coordinate, strides)].push(x.data[flat]));
  return result;
}

const reduction =
  (reduce: (group: readonly number[]) => number): Kernel =>
  ([x], { axis, reductionIndices }) => {
    // `Max` alone calls its axes reductionIndices.
    const axes = axesOf(axis ?? reductionIndices, x.shape.length);
    return [Float64Array.from(groups(x, axes), reduce)];
  };

const sum = (group: readonly number[]) => group.reduce((a, b) => a + b, 0);
const largest = (group: readonly number[]) => group.reduce((a, b) => Math.max(a, b), -Infinity);
const smallest = (group: readonly number[]) => group.reduce((a, b) => Math.min(a, b), Infinity);

/** The index of the first of equal extremes. A NaN is passed over, unless it comes first, as in TF.js. */
function firstThat(isBetter: (x: number, best: number) => boolean, group: readonly number[]): number {
  return group.reduce((best, x, i) => (isBetter(x, group[best]) ? i : best), 0);
}

/** Replaces each line along one axis by what `compute` makes of it. */
function alongAxis(
  x: Tensor,
  axis: number,
  compute: (line: Float64Array) => ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(x.data.length);
  const length = x.shape[axis];
  const stride = stridesOf(x.shape)[axis];
  for (let start = 0; start < out.length; start++) {
    if (Math.floor(start / stride) % length !== 0) continue;
    const line = compute(Float64Array.from({ length }, (_, i) => x.data[start + i * stride]));
    for (let i = 0; i < length; i++) out[start + i * stride] = line[i];
  }
  return out;
}

function logSoftmax(line: Float64Array): Float64Array {
  const top = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const logSum = top + Math.log(line.reduce((total, x) => total + Math.exp(x - top), 0));
  return line.map((x) => x - logSum);
}

/** What has come together up to each element of a line, from either end, with the element or without. */
const running =
  (combine: (total: number, x: number) => number, none: number): Kernel =>
  ([x], { axis, exclusive, reverse }) => {
    const [along] = axesOf(axis, x.shape.length);
    return [
      alongAxis(x, along, (line) => {
        const forwards = reverse ? line.toReversed() : line;
        let total = none;
        const totals = forwards.map((value) => {
          const before = total;
          total = combine(total, value);
          return exclusive ? before : total;
        });
        return reverse ? totals.reverse() : totals;
      }),
    ];
  };

export const reductionKernels: KernelFamily = {
  Sum: reduction(sum),
  Mean: reduction((group) => sum(group) / group.length),
  Prod: reduction((group) => group.reduce((a, b) => a * b, 1)),
  Max: reduction(largest),
  Min: reduction(smallest),
  All: reduction((group) => (group.every((x) => x !== 0) ? 1 : 0)),
  Any: reduction((group) => (group.some((x) => x !== 0) ? 1 : 0)),
  ArgMax: reduction((group) => firstThat((x, best) => x > best, group)),
  ArgMin: reduction((group) => firstThat((x, best) => x < best, group)),

  // tf.softmax and tf.logSoftmax are always along the last axis.
  Softmax: ([x]) => [alongAxis(x, x.shape.length - 1, (line) => logSoftmax(line).map(Math.exp))],
  LogSoftmax: ([x]) => [alongAxis(x, x.shape.length - 1, logSoftmax)],
  Cumsum: running((total, x) => total + x, 0),
  Cumprod: running((total, x) => total * x, 1),
};
