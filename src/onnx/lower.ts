/** Translates a traced graph into the bytes of an ONNX model. */
import { cannot, YfError } from "../errors.ts";
import type { Graph, ValueId } from "../graph/graph.ts";
import { OnnxBuilder } from "./builder.ts";
import { conv2D, conv2DBackpropFilter, conv2DBackpropInput } from "./convolution/convolution.ts";
import { nativeKernels } from "./convolution/native-kernels.ts";
import { type Lowering, LoweringProgram } from "./lowering.ts";
import { elementwise } from "./lowerings/elementwise.ts";
import { indexing } from "./lowerings/indexing.ts";
import { matrixProduct } from "./lowerings/matrix-product.ts";
import { normalization } from "./lowerings/normalization.ts";
import { reductions } from "./lowerings/reduction.ts";
import { resizes } from "./lowerings/resize.ts";
import { shapeKernels } from "./lowerings/shape.ts";
import { sources } from "./lowerings/source.ts";
import { modelNames } from "./model-names.ts";
import { logSoftmaxPattern } from "./patterns/log-softmax.ts";
import { pools } from "./pooling/pooling.ts";

/** Every kernel that has a lowering, by its TF.js name. */
export const lowerings: Readonly<Record<string, Lowering>> = {
  ...elementwise,
  ...reductions,
  ...shapeKernels,
  ...sources,
  ...nativeKernels,
  ...pools,
  ...indexing,
  ...normalization,
  ...resizes,
  BatchMatMul: matrixProduct,
  _FusedMatMul: matrixProduct,
  Conv2D: conv2D,
  FusedConv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
};

/**
 * Lowers a graph for onnxruntime.
 *
 * @returns Bytes of an ONNX model whose inputs and outputs have the names in {@link modelNames}.
 * @throws {YfError} NO_LOWERING for a kernel without one; names the kernel and its layer.
 */
export function lower(graph: Graph): Uint8Array {
  const builder = new OnnxBuilder();
  const program = new LoweringProgram(graph, builder);
  declareInputs(program);
  for (const node of graph.nodes) {
    // A peephole of an earlier call may have made this one's output already.
    if (program.isSet(node.outputs[0])) continue;
    const lowering = lowerings[node.op];
    if (lowering === undefined) throw noLowering(node.op, node.layer);
    if (!logSoftmaxPattern(program, node)) lowering(program, node);
  }
  declareOutputs(program);
  return builder.encode();
}

function declareInputs(program: LoweringProgram): void {
  const { builder, graph } = program;
  const declare = (name: string, value: ValueId) => {
    const { dtype, shape } = program.type(value);
    program.set(value, builder.input(name, dtype, shape));
  };
  declare(modelNames.features, graph.features.value);
  declare(modelNames.labels, graph.labels.value);
  for (const [i, { value }] of graph.parameters.entries()) declare(modelNames.parameter(i), value);
  for (const [value, data] of graph.constants) {
    const shape = program.shape(value);
    if (data instanceof Float32Array) program.set(value, builder.floats(data, shape));
    else if (data instanceof Int32Array) program.set(value, builder.indices(data, shape));
    else program.set(value, builder.bools(data, shape));
  }
}

function declareOutputs(program: LoweringProgram): void {
  const { builder, graph } = program;
  const { gradients, loss, predictions } = graph.outputs;
  const declare = (name: string, value: ValueId) =>
    builder.output(name, program.plain(value), "float32", program.shape(value));
  declare(modelNames.loss, loss);
  if (gradients.length === 0) declare(modelNames.predictions, predictions);
  for (const [i, value] of gradients.entries()) declare(modelNames.gradient(i), value);
}

function noLowering(kernel: string, layer: string | null): YfError {
  const where = layer === null ? "" : ` of layer ${layer}`;
  return new YfError(
    "NO_LOWERING",
    cannot(
      "lower the model for onnxruntime",
      "every kernel must have a lowering (--engine reference can run the others)",
      `${kernel}${where}`,
    ),
    { kernel, layer },
  );
}
