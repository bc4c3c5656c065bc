/**
 * Kernel calls that the backend `wasm` of TensorFlow.js 4.22 computes otherwise than `cpu`, or refuses.
 *
 * Found by running all rows of the conformance suite, which would find others.
 */
import type { GraphNode, TensorType } from "../graph/graph.ts";

type Rule = (node: GraphNode, values: readonly TensorType[]) => boolean;

const always: Rule = () => true;

const mistakes: Readonly<Record<string, Rule>> = {
  // exp(x) − 1 and log(1 + x), which lose the digits of a small x.
  Expm1: always,
  Log1p: always,
  // Gives the gradient to each of several largest elements.
  MaxPoolGrad: always,
  Conv3DBackpropInputV2: always,
  Conv3DBackpropFilterV2: always,
  AvgPool3D: always,
  AvgPool3DGrad: always,
  MaxPool3D: always,
  MaxPool3DGrad: always,
  // Writes integers, whatever the type of its output.
  OneHot: always,
  // Takes a bias for each column only.
  _FusedMatMul: ({ inputs, outputs }, values) => {
    const [, , bias] = inputs;
    if (bias === null || bias === undefined) return false;
    const { shape } = values[bias];
    return shape.length !== 1 || shape[0] !== values[outputs[0]].shape.at(-1);
  },
  GatherV2: ({ attributes }) => Boolean(attributes.batchDims),
  ...Object.fromEntries(
    ["EluGrad", "Exp", "IsFinite", "IsInf", "IsNan", "LeakyRelu", "Prelu", "Softmax"].map((op) => [
      op,
      ofIntegers,
    ]),
  ),
  Conv2D: skipsPixels,
  FusedConv2D: skipsPixels,
};

/** Reads integers as if they were floats, though it gives none itself. */
function ofIntegers({ inputs }: GraphNode, values: readonly TensorType[]): boolean {
  return values[inputs[0] as number].dtype === "int32";
}

/** Pads a filter that is smaller than its stride where nothing is to be padded. */
function skipsPixels({ attributes, inputs }: GraphNode, values: readonly TensorType[]): boolean {
  const { pad, strides } = attributes;
  const [, filter] = inputs;
  const steps = (typeof strides === "number" ? [strides, strides] : strides) as readonly number[];
  const { shape } = values[filter as number];
  return pad === "same" && steps.some((step, i) => shape[i] < step);
}

/** Whether a call must go to another backend. Integers go as a whole: many kernels read them as if they were floats. */
export function isWasmMistaken(node: GraphNode, values: readonly TensorType[]): boolean {
  if (node.outputs.some((id) => values[id].dtype === "int32")) return true;
  return mistakes[node.op]?.(node, values) ?? false;
}
