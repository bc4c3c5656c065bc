/**
 * Kernel calls that TensorFlow's kernels, as @tensorflow/tfjs-node 4.22 calls them, refuse or compute otherwise than `cpu`.
 *
 * Found by running all rows of the conformance suite, which would find others.
 */
import type { GraphNode, TensorType } from "../graph/graph.ts";

/** Kernels for floats alone, where TensorFlow.js's backends in JavaScript take integers, too. */
const ofFloats: ReadonlySet<string> = new Set(
  "Floor Ceil Round Step LeakyRelu Elu Selu Sigmoid Softplus Reciprocal Exp Expm1 Log Log1p Sqrt Rsqrt Sin Cos Tan Asin Acos \
Atan Sinh Cosh Tanh Asinh Acosh Atanh IsNan IsInf IsFinite Softmax Prelu EluGrad Atan2".split(" "),
);

/** Kernels that take all numbers, but not booleans. */
const ofNumbers: ReadonlySet<string> = new Set(["Max", "Min", "Cumprod", "Cumsum", "Prod"]);

/** Whether a call must go to another backend. */
export function isTensorflowMistaken(node: GraphNode, values: readonly TensorType[]): boolean {
  if (isPaddedByNumbers(node)) return true;
  const types = node.inputs.map((id) => (id === null ? "float32" : values[id].dtype));
  if (ofFloats.has(node.op)) return types.some((type) => type !== "float32");
  return ofNumbers.has(node.op) && types.includes("bool");
}

/** A convolution or pool at which the package throws. */
function isPaddedByNumbers({ attributes: { pad } }: GraphNode): boolean {
  return typeof pad === "number" || Array.isArray(pad);
}
