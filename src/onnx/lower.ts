/** Translates a traced graph into the bytes of an ONNX model. */
import { cannot, YfError } from "../errors.ts";
import type { Graph, ValueId } from "../graph/graph.ts";
import { isRandom } from "../graph/kernels/random.ts";
import { rewrite } from "../graph/rewrites/rewrite.ts";
import { BlockedValues } from "./blocked/blocked-values.ts";
import { lowerBlocked } from "./blocked/lower-blocked.ts";
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
import { encodeModel, type OnnxModel } from "./model-proto.ts";
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

/** What a program is lowered for. */
export interface LoweringForm {
  /** Whether for any device, in place of this processor's cores: with convolutions as such. */
  readonly portable?: boolean;
  /** Asks for the channels in a block of ONNX Runtime's layout for this processor; null where that does not work. */
  readonly block?: () => number | null;
}

/**
 * Lowers a graph for onnxruntime.
 *
 * @returns Bytes of an ONNX model whose inputs and outputs have the names in {@link modelNames}.
 * @throws {YfError} NO_LOWERING for a kernel without one; names the kernel and its layer.
 */
export function lower(graph: Graph, { portable = false, block }: LoweringForm = {}): Uint8Array {
  const builder = new OnnxBuilder();
  const program = new LoweringProgram(rewrite(graph), builder, { portable });
  declareInputs(program);
  lowerNodes(program, portable ? null : blockedValues(program, block));
  declareOutputs(program);
  return encodeModel(builder.build());
}

/**
 * Lowers the predictions of a graph alone, with its weights inside and in operators that every ONNX runtime has.
 *
 * @param graph Of an evaluation. @param weights Flat, `[P]`.
 * @param outputs Names of the predictions, in order; the inputs have those of the graph.
 * @throws {YfError} NO_LOWERING as {@link lower}.
 */
export function lowerInference(graph: Graph, weights: Float32Array, outputs: readonly string[]): OnnxModel {
  const builder = new OnnxBuilder();
  const program = new LoweringProgram(graph, builder, { portable: true });
  for (const { name, value } of graph.features) declareInput(program, name, value);
  for (const { length, name, offset, value } of graph.parameters) {
    program.set(value, builder.weight(name, weights.subarray(offset, offset + length), program.shape(value)));
  }
  declareConstants(program);
  // The loss, which is not asked for here, is all that reads the labels.
  for (const [i, { value }] of graph.labels.entries()) program.set(value, modelNames.labels(i));
  lowerNodes(program, null);
  for (const [i, value] of graph.outputs.predictions.entries()) declareOutput(program, outputs[i], value);
  return builder.build();
}

/** Images in blocks, for programs that have convolutions. */
function blockedValues(program: LoweringProgram, block: LoweringForm["block"]): BlockedValues | null {
  const hasConvolutions = program.graph.nodes.some(({ op }) => op === "FusedConv2D" || op === "Conv2D");
  const channels = hasConvolutions ? (block?.() ?? null) : null;
  return channels === null ? null : new BlockedValues(program, channels);
}

/** @param blocked The images in ONNX Runtime's own layout, if the program is to have some. */
function lowerNodes(program: LoweringProgram, blocked: BlockedValues | null): void {
  for (const node of program.graph.nodes) {
    // An input, as what is drawn, or made already by a peephole of an earlier call.
    if (program.isSet(node.outputs[0])) continue;
    const lowering = lowerings[node.op];
    if (lowering === undefined) throw noLowering(node.op, node.layer);
    if (blocked !== null && lowerBlocked(blocked, node)) continue;
    if (!logSoftmaxPattern(program, node)) lowering(program, node);
  }
}

function declareInputs(program: LoweringProgram): void {
  const { features, labels, parameters, state } = program.graph;
  for (const [i, { value }] of features.entries()) declareInput(program, modelNames.features(i), value);
  for (const [i, { value }] of labels.entries()) declareInput(program, modelNames.labels(i), value);
  for (const [i, { value }] of parameters.entries()) declareInput(program, modelNames.parameter(i), value);
  for (const [i, { value }] of state.entries()) declareInput(program, modelNames.state(i), value);
  const random = program.graph.nodes.filter(({ op }) => isRandom(op));
  for (const [i, { outputs }] of random.entries()) declareInput(program, modelNames.draw(i), outputs[0]);
  declareConstants(program);
}

function declareInput(program: LoweringProgram, name: string, value: ValueId): void {
  const { dtype, shape } = program.type(value);
  program.set(value, program.builder.input(name, dtype, shape));
}

function declareConstants(program: LoweringProgram): void {
  const { builder, graph } = program;
  for (const [value, data] of graph.constants) {
    const shape = program.shape(value);
    if (data instanceof Float32Array) program.set(value, builder.floats(data, shape));
    else if (data instanceof Int32Array) program.set(value, builder.indices(data, shape));
    else program.set(value, builder.bools(data, shape));
  }
}

function declareOutputs(program: LoweringProgram): void {
  const { gradients, loss, predictions, state } = program.graph.outputs;
  declareOutput(program, modelNames.loss, loss);
  if (gradients.length === 0) {
    for (const [i, value] of predictions.entries()) declareOutput(program, modelNames.predictions(i), value);
  }
  for (const [i, value] of gradients.entries()) declareOutput(program, modelNames.gradient(i), value);
  for (const [i, value] of state.entries()) declareOutput(program, modelNames.nextState(i), value);
}

function declareOutput(program: LoweringProgram, name: string, value: ValueId): void {
  program.builder.output(name, program.plain(value), "float32", program.shape(value));
}

function noLowering(kernel: string, layer: string | null): YfError {
  const where = layer === null ? "" : ` of layer ${layer}`;
  return new YfError(
    "NO_LOWERING",
    cannot(
      "lower the model for onnxruntime",
      "every kernel must have a lowering (--engine tfjs can run the others)",
      `${kernel}${where}`,
    ),
    { kernel, layer },
  );
}
