/**
 * Types of kernel outputs from types of inputs and attributes, one rule per family of kernels.
 *
 * The arithmetic of convolutions, pooling, slices and broadcasting is that of TF.js (`backend_util`, `slice_util`), so
 * that a trace has the shapes that the `cpu` backend would give.
 */
import type { DType, TensorType } from "../graph/graph.ts";
import { tf } from "./tf.ts";

/** Attributes as TF.js passes them; each rule knows which ones its kernel has. */
// biome-ignore lint/suspicious/noExplicitAny: TF.js types kernel attributes kernel by kernel, a table cannot
export type KernelAttributes = Readonly<Record<string, any>>;

export type ShapeRule = (
  inputs: readonly TensorType[],
  attributes: KernelAttributes,
) => TensorType | TensorType[];

const { backend_util, slice_util, util } = tf;

const typed = (shape: readonly number[], dtype: DType): TensorType => ({ shape, dtype });
export const like: ShapeRule = ([x]) => x;
export const likeAs =
  (dtype: DType): ShapeRule =>
  ([x]) =>
    typed(x.shape, dtype);

const sizeOf = (shape: readonly number[]) => util.sizeFromShape([...shape]);

const broadcast = (a: TensorType, b: TensorType) =>
  backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
export const elementwise: ShapeRule = ([a, b]) => typed(broadcast(a, b), a.dtype);
export const elementwiseAs =
  (dtype: DType): ShapeRule =>
  ([a, b]) =>
    typed(broadcast(a, b), dtype);
/** Sums of booleans are integers. */
export const runningSum: ShapeRule = ([x]) => typed(x.shape, x.dtype === "bool" ? "int32" : x.dtype);
export const predicate: ShapeRule = ([a, b]) => typed(broadcast(a, b), "bool");

/** @param dtype Of the result, where it is not that of what is reduced; booleans are counted in integers. */
export const reduction =
  (dtype?: DType): ShapeRule =>
  ([x], { axis, reductionIndices, keepDims }) => {
    // `Max` alone calls its axes reductionIndices.
    const axes = util.parseAxisParam(axis ?? reductionIndices, [...x.shape]);
    const [out] = backend_util.computeOutAndReduceShapes([...x.shape], axes);
    const shape = keepDims ? backend_util.expandShapeToKeepDim(out, axes) : out;
    return typed(shape, dtype ?? (x.dtype === "bool" ? "int32" : x.dtype));
  };
/** The largest or smallest of booleans is one of them. */
export const extreme: ShapeRule = (inputs, attributes) => reduction(inputs[0].dtype)(inputs, attributes);
export const argReduction: ShapeRule = ([x], { axis }) => {
  const axes = util.parseAxisParam(axis, [...x.shape]);
  return typed(backend_util.computeOutAndReduceShapes([...x.shape], axes)[0], "int32");
};

export const matMul: ShapeRule = ([a, b], { transposeA, transposeB }) => {
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rows = a.shape[a.shape.length - (transposeA ? 1 : 2)];
  const columns = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  return typed([...batch, rows, columns], a.dtype);
};

/** What TF.js declares as a tensor where it only reads the shape. */
type HasShape = Parameters<typeof backend_util.prepareSplitSize>[0];

type Shape4D = [number, number, number, number];
export const convolution =
  (depthwise: boolean): ShapeRule =>
  ([x, filter], { strides, pad, dilations, dimRoundingMode }) => {
    const info = backend_util.computeConv2DInfo(
      [...x.shape] as Shape4D,
      [...filter.shape] as Shape4D,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
    );
    return typed(info.outShape, x.dtype);
  };
/** TF.js itself does not notice where `dy` is larger than the output of the convolution, and leaves the rest of it out. */
export const convolutionInputGradient: ShapeRule = ([dy, filter], attributes) => {
  const dx = typed(attributes.inputShape, dy.dtype);
  const { shape } = convolution(false)([dx, filter], attributes) as TensorType;
  if (`${shape}` === `${dy.shape}`) return dx;
  throw new RangeError(`a convolution of [${dx.shape}] gives [${shape}], not [${dy.shape}]`);
};
export const pooling: ShapeRule = ([x], { filterSize, strides, pad, dimRoundingMode }) =>
  typed(
    backend_util.computePool2DInfo([...x.shape] as Shape4D, filterSize, strides, 1, pad, dimRoundingMode)
      .outShape,
    x.dtype,
  );
type Shape5D = [number, number, number, number, number];
export const volumeConvolution: ShapeRule = ([x, filter], { strides, pad, dilations }) =>
  typed(
    backend_util.computeConv3DInfo(
      [...x.shape] as Shape5D,
      [...filter.shape] as Shape5D,
      strides,
      dilations ?? 1,
      pad,
    ).outShape,
    x.dtype,
  );
export const volumePooling: ShapeRule = ([x], { filterSize, strides, pad, dimRoundingMode }) =>
  typed(
    backend_util.computePool3DInfo([...x.shape] as Shape5D, filterSize, strides, 1, pad, dimRoundingMode)
      .outShape,
    x.dtype,
  );
export const fromAttribute =
  (name: string): ShapeRule =>
  ([x], attributes) =>
    typed(attributes[name], x.dtype);
export const second: ShapeRule = ([, x]) => x;

export const split: ShapeRule = ([x], { numOrSizeSplits, axis }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  const sizes = backend_util.prepareSplitSize(x as unknown as HasShape, numOrSizeSplits, at);
  return sizes.map((size) => typed(x.shape.with(at, size), x.dtype));
};
export const unpack: ShapeRule = ([x], { axis }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  return Array.from({ length: x.shape[at] }, () => typed(x.shape.toSpliced(at, 1), x.dtype));
};
export const pack: ShapeRule = (list, { axis }) =>
  typed(
    list[0].shape.toSpliced(axis < 0 ? axis + list[0].shape.length + 1 : axis, 0, list.length),
    list[0].dtype,
  );
export const concat: ShapeRule = (list, { axis }) => {
  const [at] = util.parseAxisParam(axis, [...list[0].shape]);
  return typed(
    backend_util.computeOutShape(
      list.map(({ shape }) => [...shape]),
      at,
    ),
    list[0].dtype,
  );
};
export const slice: ShapeRule = ([x], { begin, size }) =>
  typed(slice_util.parseSliceParams(x as unknown as HasShape, begin, size)[1], x.dtype);
export const gather: ShapeRule = ([x, indices], { axis, batchDims }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  const rows = indices.shape.slice(batchDims ?? 0);
  return typed([...x.shape.slice(0, at), ...rows, ...x.shape.slice(at + 1)], x.dtype);
};
export const gatherNd: ShapeRule = ([x, indices]) =>
  typed([...indices.shape.slice(0, -1), ...x.shape.slice(indices.shape.at(-1))], x.dtype);
export const topK: ShapeRule = ([x], { k }) => {
  const shape = x.shape.with(-1, k);
  return [typed(shape, x.dtype), typed(shape, "int32")];
};
export const pad: ShapeRule = ([x], { paddings }) =>
  typed(
    x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]),
    x.dtype,
  );
export const spaceToBatch: ShapeRule = ([x], { blockShape, paddings }) => {
  const blocks = blockShape as number[];
  const sizes = blocks.map((block, i) => (paddings[i][0] + x.shape[i + 1] + paddings[i][1]) / block);
  return typed([x.shape[0] * sizeOf(blocks), ...sizes, ...x.shape.slice(blocks.length + 1)], x.dtype);
};
export const batchToSpace: ShapeRule = ([x], { blockShape, crops }) => {
  const blocks = blockShape as number[];
  const sizes = blocks.map((block, i) => x.shape[i + 1] * block - crops[i][0] - crops[i][1]);
  return typed([x.shape[0] / sizeOf(blocks), ...sizes, ...x.shape.slice(blocks.length + 1)], x.dtype);
};
export const resize: ShapeRule = ([images], { size }) =>
  typed([images.shape[0], size[0], size[1], images.shape[3]], "float32");

/** The same elements in another shape; one size may be −1, "whatever is left". */
export const reshape: ShapeRule = ([x], { shape }) =>
  typed(util.inferFromImplicitShape(shape, sizeOf(x.shape)), x.dtype);
export const expandDims: ShapeRule = ([x], { dim }) =>
  typed(x.shape.toSpliced(dim < 0 ? dim + x.shape.length + 1 : dim, 0, 1), x.dtype);
export const transpose: ShapeRule = ([x], { perm }) =>
  typed(
    (perm as number[]).map((axis) => x.shape[axis]),
    x.dtype,
  );
export const tile: ShapeRule = ([x], { reps }) =>
  typed(
    x.shape.map((size, axis) => size * reps[axis]),
    x.dtype,
  );
export const segmentSum: ShapeRule = ([x, ids], { numSegments }) =>
  typed([numSegments, ...x.shape.slice(ids.shape.length)], x.dtype);
export const oneHot: ShapeRule = ([indices], { depth, dtype }) => typed([...indices.shape, depth], dtype);
export const fill: ShapeRule = (_, { shape, dtype }) => typed(shape, dtype);
export const cast: ShapeRule = ([x], { dtype }) => typed(x.shape, dtype);
