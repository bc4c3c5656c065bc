/** Kernels that move elements and compute nothing. */
import {
  axesOf,
  flatIndex,
  forEachCoordinate,
  type Kernel,
  type KernelFamily,
  sizeOf,
  stridesOf,
  type Tensor,
} from "./tensor.ts";

/** Fills an output by asking, for each of its coordinates, which input coordinate it shows; null shows `fill`. */
function rearrange(
  x: Tensor,
  shape: readonly number[],
  source: (coordinate: readonly number[]) => readonly number[] | null,
  fill = 0,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(x.shape);
  forEachCoordinate(shape, (coordinate, flat) => {
    const from = source(coordinate);
    out[flat] = from === null ? fill : x.data[flatIndex(from, strides)];
  });
  return out;
}

/** The parts of `x` along one axis, each of the shape of an output, one after the other. */
function parts(x: Tensor, axis: number, shapes: readonly (readonly number[])[]): Float64Array[] {
  let start = 0;
  return shapes.map((shape) => {
    const from = start;
    start += shape[axis];
    return rearrange(x, shape, (c) => c.with(axis, c[axis] + from));
  });
}

/** Tensors put one after the other along an axis. */
function concatenated(list: readonly Tensor[], axis: number, shape: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  let start = 0;
  for (const { shape: part, data } of list) {
    forEachCoordinate(part, (coordinate, flat) => {
      out[flatIndex(coordinate, strides) + start * strides[axis]] = data[flat];
    });
    start += part[axis];
  }
  return out;
}

const unchanged: Kernel = ([x]) => [x.data];

export const arrangementKernels: KernelFamily = {
  Reshape: unchanged,
  ExpandDims: unchanged,
  Transpose: ([x], { perm }, [{ shape }]) => [
    rearrange(x, shape, (c) => x.shape.map((_, axis) => c[(perm as number[]).indexOf(axis)])),
  ],
  Reverse: ([x], { dims }, [{ shape }]) => {
    const axes = axesOf(dims, shape.length);
    return [
      rearrange(x, shape, (c) => c.map((at, axis) => (axes.includes(axis) ? shape[axis] - 1 - at : at))),
    ];
  },
  Tile: ([x], _, [{ shape }]) => [rearrange(x, shape, (c) => c.map((at, axis) => at % x.shape[axis]))],
  Slice: ([x], { begin }, [{ shape }]) => {
    const starts = Array.isArray(begin) ? (begin as number[]) : [begin as number];
    return [rearrange(x, shape, (c) => c.map((at, axis) => at + (starts[axis] ?? 0)))];
  },
  PadV2: ([x], { paddings, constantValue }, [{ shape }]) => [
    rearrange(
      x,
      shape,
      (c) => {
        const from = c.map((at, axis) => at - (paddings as number[][])[axis][0]);
        return from.every((at, axis) => at >= 0 && at < x.shape[axis]) ? from : null;
      },
      constantValue as number,
    ),
  ],
  SplitV: ([x], { axis }, outputs) =>
    parts(
      x,
      axesOf(axis, x.shape.length)[0],
      outputs.map(({ shape }) => shape),
    ),
  Unpack: ([x], { axis }, outputs) => {
    const [at] = axesOf(axis, x.shape.length);
    return parts(
      x,
      at,
      outputs.map(() => x.shape.with(at, 1)),
    );
  },
  Concat: (list, { axis }, [{ shape }]) => [concatenated(list, axesOf(axis, shape.length)[0], shape)],
  Pack: (list, { axis }, [{ shape }]) => {
    const [at] = axesOf(axis, shape.length);
    const unsqueezed = list.map(({ shape: part, data }) => ({ shape: part.toSpliced(at, 0, 1), data }));
    return [concatenated(unsqueezed, at, shape)];
  },
  Fill: (_, { value }, [{ shape }]) => [new Float64Array(sizeOf(shape)).fill(value as number)],
  Range: (_, { start, step }, [{ shape }]) => [
    Float64Array.from({ length: shape[0] }, (_unused, i) => (start as number) + i * (step as number)),
  ],
};
