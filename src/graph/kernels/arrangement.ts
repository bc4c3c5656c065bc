/** Kernels that move elements and compute nothing. */
import {
  type Attributes,
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

/**
 * For each position of a mirrored axis the position of the input that it shows. `reflect` does not repeat the edge,
 * `symmetric` does.
 */
export function mirroredIndices(size: number, { mode, paddings }: Attributes, axis: number): Int32Array {
  const [before, after] = (paddings as number[][])[axis];
  const edge = mode === "reflect" ? 0 : 1;
  return Int32Array.from({ length: before + size + after }, (_, i) => {
    const at = i - before;
    if (at < 0) return -at - edge;
    return at < size ? at : 2 * (size - 1) - at + edge;
  });
}

/** The coordinate within a block of the position with this row-major number. */
function positionIn(blocks: readonly number[], index: number): number[] {
  const strides = stridesOf(blocks);
  return blocks.map((size, axis) => Math.floor(index / strides[axis]) % size);
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
  MirrorPad: ([x], attributes, [{ shape }]) => {
    const indices = x.shape.map((size, axis) => mirroredIndices(size, attributes, axis));
    return [rearrange(x, shape, (c) => c.map((at, axis) => indices[axis][at]))];
  },
  // Image n·(position in the block) of the output shows every block-th pixel of image n.
  SpaceToBatchND: ([x], { blockShape, paddings }, [{ shape }]) => {
    const [blocks, edges] = [blockShape as number[], paddings as number[][]];
    return [
      rearrange(x, shape, ([image, ...c]) => {
        const within = positionIn(blocks, Math.floor(image / x.shape[0]));
        const from = c.map((at, i) => (i < blocks.length ? at * blocks[i] + within[i] - edges[i][0] : at));
        return from.every((at, i) => at >= 0 && at < x.shape[i + 1]) ? [image % x.shape[0], ...from] : null;
      }),
    ];
  },
  BatchToSpaceND: ([x], { blockShape, crops }, [{ shape }]) => {
    const [blocks, edges] = [blockShape as number[], crops as number[][]];
    return [
      rearrange(x, shape, ([image, ...c]) => {
        const whole = c.map((at, i) => (i < blocks.length ? at + edges[i][0] : at));
        const block = blocks.reduce((index, size, i) => index * size + (whole[i] % size), 0);
        const from = whole.map((at, i) => (i < blocks.length ? Math.floor(at / blocks[i]) : at));
        return [block * shape[0] + image, ...from];
      }),
    ];
  },
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
};
