/** Kernels whose inputs contain indices: gather, its gradient, one-hot. */
import { cannot } from "../../errors.ts";
import { axesOf, flatIndex, forEachCoordinate, type KernelFamily, sizeOf, stridesOf } from "./tensor.ts";

export const indexingKernels: KernelFamily = {
  // Output axes: those of x before `axis`, those of the indices after the batch axes, those of x after `axis`.
  GatherV2: ([x, indices], { axis, batchDims }, [{ shape }]) => {
    const [at] = axesOf(axis, x.shape.length);
    const batch = (batchDims as number | undefined) ?? 0;
    const span = indices.shape.length - batch;
    const out = new Float64Array(sizeOf(shape));
    forEachCoordinate(shape, (c, flat) => {
      const where = [...c.slice(0, batch), ...c.slice(at, at + span)];
      const row = indices.data[flatIndex(where, stridesOf(indices.shape))];
      if (!(row >= 0 && row < x.shape[at])) {
        throw new RangeError(`Cannot gather: each index must be in [0, ${x.shape[at]}) (got ${row})`);
      }
      out[flat] = x.data[flatIndex([...c.slice(0, at), row, ...c.slice(at + span)], stridesOf(x.shape))];
    });
    return [out];
  },
  // Each row of the indices is the first part of a coordinate of x.
  GatherNd: ([x, indices], _, [{ shape }]) => {
    const depth = indices.shape.at(-1) as number;
    const sliceSize = sizeOf(x.shape.slice(depth));
    const strides = stridesOf(x.shape);
    return [
      Float64Array.from({ length: sizeOf(shape) }, (_unused, i) => {
        const row = Math.floor(i / sliceSize) * depth;
        const where = [...indices.data.subarray(row, row + depth)];
        if (!where.every((at, axis) => at >= 0 && at < x.shape[axis])) {
          throw new RangeError(cannot("gather", `each place must be within [${x.shape}]`, where));
        }
        return x.data[flatIndex(where, strides) + (i % sliceSize)];
      }),
    ];
  },
  // The largest of each row, in falling order, and where they were; of equal ones the first.
  TopK: ([x], { k }, [{ shape }]) => {
    const length = x.shape.at(-1) as number;
    const values = new Float64Array(sizeOf(shape));
    const places = new Float64Array(values.length);
    for (let row = 0; row < x.data.length / length; row++) {
      const line = x.data.subarray(row * length, (row + 1) * length);
      const order = [...line.keys()].sort((a, b) => line[b] - line[a] || a - b).slice(0, k as number);
      for (const [i, place] of order.entries()) {
        values[row * (k as number) + i] = line[place];
        places[row * (k as number) + i] = place;
      }
    }
    return [values, places];
  },
  // Rows of a segment that does not exist are dropped.
  UnsortedSegmentSum: ([x, ids], { numSegments }, [{ shape }]) => {
    const out = new Float64Array(sizeOf(shape));
    const rowSize = sizeOf(shape.slice(1));
    x.data.forEach((value, i) => {
      const segment = ids.data[Math.floor(i / rowSize)];
      if (segment >= 0 && segment < (numSegments as number)) out[segment * rowSize + (i % rowSize)] += value;
    });
    return [out];
  },
  // An index outside of [0, depth) gives a row without a hot element.
  OneHot: ([indices], { depth, onValue, offValue }) => {
    const width = depth as number;
    const out = new Float64Array(indices.data.length * width).fill(offValue as number);
    indices.data.forEach((index, row) => {
      if (index >= 0 && index < width) out[row * width + index] = onValue as number;
    });
    return [out];
  },
};
