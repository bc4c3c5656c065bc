/**
 * The kernels that a trace understands: input names and a rule for the type of the outputs, one rule per family.
 *
 * Input names and attributes are those of @tensorflow/tfjs-core 4.22 (`kernel_names.ts`); shape arithmetic is
 * its own (`backend_util`, `slice_util`), so that a trace has the shapes that the `cpu` backend would give.
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

export interface TracedKernel {
  /** Input names in kernel order, or "list" for a kernel that takes an array of tensors. */
  readonly inputs: readonly string[] | "list";
  readonly rule: ShapeRule;
}

const { backend_util, slice_util, util } = tf;

const typed = (shape: readonly number[], dtype: DType): TensorType => ({ shape, dtype });
const like: ShapeRule = ([x]) => x;
const likeAs =
  (dtype: DType): ShapeRule =>
  ([x]) =>
    typed(x.shape, dtype);

const broadcast = (a: TensorType, b: TensorType) =>
  backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
const elementwise: ShapeRule = ([a, b]) => typed(broadcast(a, b), a.dtype);
const predicate: ShapeRule = ([a, b]) => typed(broadcast(a, b), "bool");

const reduction =
  (dtype?: DType): ShapeRule =>
  ([x], { axis, reductionIndices, keepDims }) => {
    // `Max` alone calls its axes reductionIndices.
    const axes = util.parseAxisParam(axis ?? reductionIndices, [...x.shape]);
    const [out] = backend_util.computeOutAndReduceShapes([...x.shape], axes);
    const shape = keepDims ? backend_util.expandShapeToKeepDim(out, axes) : out;
    return typed(shape, dtype ?? (x.dtype === "bool" ? "int32" : x.dtype));
  };
const argReduction: ShapeRule = ([x], { axis }) => {
  const axes = util.parseAxisParam(axis, [...x.shape]);
  return typed(backend_util.computeOutAndReduceShapes([...x.shape], axes)[0], "int32");
};

const matMul: ShapeRule = ([a, b], { transposeA, transposeB }) => {
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rows = a.shape[a.shape.length - (transposeA ? 1 : 2)];
  const columns = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  return typed([...batch, rows, columns], a.dtype);
};

type Shape4D = [number, number, number, number];
const convolution =
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
const pooling: ShapeRule = ([x], { filterSize, strides, pad, dimRoundingMode }) =>
  typed(
    backend_util.computePool2DInfo([...x.shape] as Shape4D, filterSize, strides, 1, pad, dimRoundingMode)
      .outShape,
    x.dtype,
  );
const fromAttribute =
  (name: string): ShapeRule =>
  ([x], attributes) =>
    typed(attributes[name], x.dtype);
const second: ShapeRule = ([, x]) => x;

const split: ShapeRule = ([x], { numOrSizeSplits, axis }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  // prepareSplitSize() only reads the shape of its tensor.
  const sizes = backend_util.prepareSplitSize(x as unknown as tf_Tensor, numOrSizeSplits, at);
  return sizes.map((size) => typed(x.shape.with(at, size), x.dtype));
};
type tf_Tensor = Parameters<typeof backend_util.prepareSplitSize>[0];

const unpack: ShapeRule = ([x], { axis }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  return Array.from({ length: x.shape[at] }, () => typed(x.shape.toSpliced(at, 1), x.dtype));
};
const pack: ShapeRule = (list, { axis }) =>
  typed(
    list[0].shape.toSpliced(axis < 0 ? axis + list[0].shape.length + 1 : axis, 0, list.length),
    list[0].dtype,
  );
const concat: ShapeRule = (list, { axis }) => {
  const [at] = util.parseAxisParam(axis, [...list[0].shape]);
  return typed(
    backend_util.computeOutShape(
      list.map(({ shape }) => [...shape]),
      at,
    ),
    list[0].dtype,
  );
};
const slice: ShapeRule = ([x], { begin, size }) =>
  typed(slice_util.parseSliceParams(x as unknown as tf_Tensor, begin, size)[1], x.dtype);
const gather: ShapeRule = ([x, indices], { axis, batchDims }) => {
  const [at] = util.parseAxisParam(axis, [...x.shape]);
  const rows = indices.shape.slice(batchDims ?? 0);
  return typed([...x.shape.slice(0, at), ...rows, ...x.shape.slice(at + 1)], x.dtype);
};
const pad: ShapeRule = ([x], { paddings }) =>
  typed(
    x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]),
    x.dtype,
  );
const resize: ShapeRule = ([images], { size }) =>
  typed([images.shape[0], size[0], size[1], images.shape[3]], "float32");

/** Kernels of one family: the same inputs, the same rule. */
const family = (names: string, inputs: TracedKernel["inputs"], rule: ShapeRule): [string, TracedKernel][] =>
  names.split(" ").map((name) => [name, { inputs, rule }]);

const fused = ["bias", "preluActivationWeights"];

/** Every kernel that a trace understands, by name. */
export const tracedKernels: ReadonlyMap<string, TracedKernel> = new Map([
  ...family("Abs Neg Sign Floor Ceil Round Square Relu Relu6 ClipByValue Reverse Cumsum", ["x"], like),
  ...family("ZerosLike OnesLike Step LeakyRelu Elu Selu Sigmoid Softplus Erf Reciprocal", ["x"], like),
  ...family("Exp Expm1 Log Log1p Sqrt Rsqrt Sin Cos Tan Asin Acos Atan", ["x"], like),
  ...family("Sinh Cosh Tanh Asinh Acosh Atanh", ["x"], like),
  ...family("Softmax LogSoftmax", ["logits"], like),
  ...family("IsNan IsInf IsFinite LogicalNot", ["x"], likeAs("bool")),
  ...family("Identity", ["x"], like),
  ...family("Cast", ["x"], ([x], { dtype }) => typed(x.shape, dtype)),

  ...family("Add Sub Multiply RealDiv FloorDiv Mod Pow Maximum Minimum", ["a", "b"], elementwise),
  ...family("SquaredDifference Atan2", ["a", "b"], elementwise),
  ...family("Prelu", ["x", "alpha"], elementwise),
  ...family("EluGrad", ["dy", "y"], like),
  ...family("Equal NotEqual Greater GreaterEqual Less LessEqual", ["a", "b"], predicate),
  ...family("LogicalAnd LogicalOr", ["a", "b"], predicate),
  ...family("Select", ["condition", "t", "e"], second),
  ...family("AddN", "list", like),

  ...family("Sum Prod Max Min", ["x"], reduction()),
  ...family("Mean", ["x"], reduction("float32")),
  ...family("All Any", ["x"], reduction("bool")),
  ...family("ArgMax ArgMin", ["x"], argReduction),

  ...family("BatchMatMul", ["a", "b"], matMul),
  ...family("_FusedMatMul", ["a", "b", ...fused], matMul),
  ...family("Conv2D", ["x", "filter"], convolution(false)),
  ...family("FusedConv2D", ["x", "filter", ...fused], convolution(false)),
  ...family("DepthwiseConv2dNative", ["x", "filter"], convolution(true)),
  ...family("FusedDepthwiseConv2D", ["x", "filter", ...fused], convolution(true)),
  ...family(
    "Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput",
    ["dy", "filter"],
    fromAttribute("inputShape"),
  ),
  ...family(
    "Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter",
    ["x", "dy"],
    fromAttribute("filterShape"),
  ),
  ...family("MaxPool AvgPool", ["x"], pooling),
  ...family("MaxPoolGrad", ["dy", "input", "output"], second),
  ...family("AvgPoolGrad", ["dy", "input"], second),
  ...family("FusedBatchNorm", ["x", "scale", "offset", "mean", "variance"], like),
  ...family("ResizeNearestNeighbor ResizeBilinear", ["images"], resize),
  ...family("ResizeNearestNeighborGrad ResizeBilinearGrad", ["images", "dy"], like),

  ...family("Reshape", ["x"], ([x], { shape }) =>
    typed(util.inferFromImplicitShape(shape, util.sizeFromShape([...x.shape])), x.dtype),
  ),
  ...family("ExpandDims", ["input"], ([x], { dim }) =>
    typed(x.shape.toSpliced(dim < 0 ? dim + x.shape.length + 1 : dim, 0, 1), x.dtype),
  ),
  ...family("Transpose", ["x"], ([x], { perm }) =>
    typed(
      perm.map((axis: number) => x.shape[axis]),
      x.dtype,
    ),
  ),
  ...family("Tile", ["x"], ([x], { reps }) =>
    typed(
      x.shape.map((size, axis) => size * reps[axis]),
      x.dtype,
    ),
  ),
  ...family("PadV2", ["x"], pad),
  ...family("Concat", "list", concat),
  ...family("Pack", "list", pack),
  ...family("Unpack", ["value"], unpack),
  ...family("SplitV", ["x"], split),
  ...family("Slice", ["x"], slice),
  ...family("GatherV2", ["x", "indices"], gather),
  ...family("UnsortedSegmentSum", ["x", "segmentIds"], ([x, ids], { numSegments }) =>
    typed([numSegments, ...x.shape.slice(ids.shape.length)], x.dtype),
  ),
  ...family("OneHot", ["indices"], ([indices], { depth, dtype }) =>
    typed([...indices.shape, depth], dtype ?? "int32"),
  ),
  ...family("Fill", [], (_, { shape, dtype }) => typed(shape, dtype ?? "float32")),
  ...family("Range", [], (_, { start, stop, step, dtype }) =>
    typed([Math.max(0, Math.ceil((stop - start) / step))], dtype),
  ),
]);
