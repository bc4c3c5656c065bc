/**
 * The kernels that a trace understands: the names of their inputs and the rule for the type of their outputs.
 *
 * Input names and attributes are those of @tensorflow/tfjs-core 4.22 (`kernel_names.ts`).
 */
import type { ShapeRule } from "./shape-rules.ts";
import * as rule from "./shape-rules.ts";

export interface TracedKernel {
  /** Input names in kernel order, or "list" for a kernel that takes an array of tensors. */
  readonly inputs: readonly string[] | "list";
  readonly rule: ShapeRule;
}

/** Kernels of one family: the same inputs, the same rule. */
const family = (
  names: string,
  inputs: TracedKernel["inputs"],
  outputs: ShapeRule,
): [string, TracedKernel][] => names.split(" ").map((name) => [name, { inputs, rule: outputs }]);

const fused = ["bias", "preluActivationWeights"];

/** Every kernel that a trace understands, by name. */
export const tracedKernels: ReadonlyMap<string, TracedKernel> = new Map([
  ...family("Abs Neg Sign Floor Ceil Round Square Relu Relu6 ClipByValue Reverse", ["x"], rule.like),
  ...family("ZerosLike OnesLike Step Elu Selu Sigmoid Softplus Erf Reciprocal", ["x"], rule.like),
  ...family("Cumsum", ["x"], rule.runningSum),
  ...family("Cumprod", ["x"], rule.like),
  ...family("Exp LeakyRelu", ["x"], rule.likeAs("float32")),
  ...family("Expm1 Log Log1p Sqrt Rsqrt Sin Cos Tan Asin Acos Atan", ["x"], rule.like),
  ...family("Sinh Cosh Tanh Asinh Acosh Atanh", ["x"], rule.like),
  ...family("Softmax LogSoftmax", ["logits"], rule.likeAs("float32")),
  ...family("IsNan IsInf IsFinite LogicalNot", ["x"], rule.likeAs("bool")),
  ...family("Identity", ["x"], rule.like),
  ...family("Cast", ["x"], rule.cast),

  ...family("Add Sub Multiply RealDiv Mod Pow Maximum Minimum", ["a", "b"], rule.elementwise),
  ...family("SquaredDifference Atan2", ["a", "b"], rule.elementwise),
  ...family("FloorDiv", ["a", "b"], rule.elementwiseAs("int32")),
  ...family("Prelu", ["x", "alpha"], rule.elementwiseAs("float32")),
  ...family("EluGrad", ["dy", "y"], rule.likeAs("float32")),
  ...family("Equal NotEqual Greater GreaterEqual Less LessEqual", ["a", "b"], rule.predicate),
  ...family("LogicalAnd LogicalOr", ["a", "b"], rule.predicate),
  ...family("Select", ["condition", "t", "e"], rule.second),
  ...family("AddN", "list", rule.like),

  ...family("Sum Prod", ["x"], rule.reduction()),
  ...family("Max Min", ["x"], rule.extreme),
  ...family("Mean", ["x"], rule.reduction("float32")),
  ...family("All Any", ["x"], rule.reduction("bool")),
  ...family("ArgMax ArgMin", ["x"], rule.argReduction),

  ...family("BatchMatMul", ["a", "b"], rule.matMul),
  ...family("_FusedMatMul", ["a", "b", ...fused], rule.matMul),
  ...family("Conv2D", ["x", "filter"], rule.convolution(false)),
  ...family("FusedConv2D", ["x", "filter", ...fused], rule.convolution(false)),
  ...family("DepthwiseConv2dNative", ["x", "filter"], rule.convolution(true)),
  ...family("FusedDepthwiseConv2D", ["x", "filter", ...fused], rule.convolution(true)),
  ...family("Conv2DBackpropInput", ["dy", "filter"], rule.convolutionInputGradient),
  ...family("DepthwiseConv2dNativeBackpropInput", ["dy", "filter"], rule.fromAttribute("inputShape")),
  ...family(
    "Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter",
    ["x", "dy"],
    rule.fromAttribute("filterShape"),
  ),
  ...family("MaxPool AvgPool", ["x"], rule.pooling),
  ...family("MaxPoolGrad", ["dy", "input", "output"], rule.second),
  ...family("AvgPoolGrad", ["dy", "input"], rule.second),
  ...family("Conv3D", ["x", "filter"], rule.volumeConvolution),
  ...family("Conv3DBackpropInputV2", ["dy", "filter"], rule.fromAttribute("inputShape")),
  ...family("Conv3DBackpropFilterV2", ["x", "dy"], rule.fromAttribute("filterShape")),
  ...family("MaxPool3D AvgPool3D", ["x"], rule.volumePooling),
  ...family("MaxPool3DGrad", ["dy", "input", "output"], rule.second),
  ...family("AvgPool3DGrad", ["dy", "input"], rule.second),
  ...family("FusedBatchNorm", ["x", "scale", "offset", "mean", "variance"], rule.like),
  ...family("LRN", ["x"], rule.like),
  ...family("LRNGrad", ["x", "y", "dy"], rule.like),
  ...family("ResizeNearestNeighbor ResizeBilinear", ["images"], rule.resize),
  ...family("ResizeNearestNeighborGrad ResizeBilinearGrad", ["images", "dy"], rule.like),

  ...family("Reshape", ["x"], rule.reshape),
  ...family("ExpandDims", ["input"], rule.expandDims),
  ...family("Transpose", ["x"], rule.transpose),
  ...family("Tile", ["x"], rule.tile),
  ...family("PadV2 MirrorPad", ["x"], rule.pad),
  ...family("SpaceToBatchND", ["x"], rule.spaceToBatch),
  ...family("BatchToSpaceND", ["x"], rule.batchToSpace),
  ...family("Concat", "list", rule.concat),
  ...family("Pack", "list", rule.pack),
  ...family("Unpack", ["value"], rule.unpack),
  ...family("SplitV", ["x"], rule.split),
  ...family("Slice", ["x"], rule.slice),
  ...family("GatherV2", ["x", "indices"], rule.gather),
  ...family("GatherNd", ["params", "indices"], rule.gatherNd),
  ...family("TopK", ["x"], rule.topK),
  ...family("UnsortedSegmentSum", ["x", "segmentIds"], rule.segmentSum),
  ...family("OneHot", ["indices"], rule.oneHot),
  ...family("Fill", [], rule.fill),
]);
