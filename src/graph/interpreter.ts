/**
 * Runs a {@link Graph} slowly and plainly: one kernel after the other, every number in float64.
 *
 * It is the check of every fast way to run a graph, so each kernel is written for the reader. Results differ from a
 * float32 runtime by that runtime's rounding alone.
 */
import { cannot } from "../errors.ts";
import type { Graph } from "./graph.ts";
import { arrangementKernels } from "./kernels/arrangement.ts";
import { convolutionKernels } from "./kernels/convolution.ts";
import { elementwiseKernels } from "./kernels/elementwise.ts";
import { indexingKernels } from "./kernels/indexing.ts";
import { matrixProductKernels } from "./kernels/matrix-product.ts";
import { normalizationKernels } from "./kernels/normalization.ts";
import { poolingKernels } from "./kernels/pooling.ts";
import { isRandom } from "./kernels/random.ts";
import { reductionKernels } from "./kernels/reduction.ts";
import { resizeKernels } from "./kernels/resize.ts";
import { type KernelFamily, sizeOf, type Tensor } from "./kernels/tensor.ts";

export interface InterpreterInputs {
  /** The minibatch, row-major: `[B, ...]` for each column of features and of labels. */
  readonly features: readonly ArrayLike<number>[];
  readonly labels: readonly ArrayLike<number>[];
  /** Flat parameters, in the order of `graph.parameters`. */
  readonly parameters: Float32Array;
  /** Flat state, in the order of `graph.state`; none by default. */
  readonly state?: Float32Array;
  /** What the random operators drew, flat, in the order of the nodes; none by default. */
  readonly draws?: Float32Array;
}

export interface InterpreterOutputs {
  /** Mean loss of the minibatch. */
  readonly loss: number;
  /** The model's outputs, `[B, ...]` each. */
  readonly predictions: readonly Float32Array[];
  /** Flat gradients, in the order of the parameters; empty for a graph without gradients. */
  readonly gradients: Float32Array;
  /** Flat state after the step; empty for a graph without gradients. */
  readonly state: Float32Array;
}

const kernels: KernelFamily = {
  ...arrangementKernels,
  ...convolutionKernels,
  ...elementwiseKernels,
  ...indexingKernels,
  ...matrixProductKernels,
  ...normalizationKernels,
  ...poolingKernels,
  ...reductionKernels,
  ...resizeKernels,
};

/** Names of the kernels that {@link interpret} knows; the random operators come on top. */
export const interpretedKernels: readonly string[] = Object.keys(kernels);

/**
 * Runs a graph once.
 *
 * @throws {RangeError} If an input is missing or has the wrong length, or the graph has an unknown kernel.
 */
export function interpret(graph: Graph, inputs: InterpreterInputs): InterpreterOutputs {
  const computed: Tensor[] = [];
  const set = (value: number, name: string, numbers: ArrayLike<number> | undefined) => {
    const { shape } = graph.values[value];
    if (numbers?.length !== sizeOf(shape)) {
      throw new RangeError(
        cannot(
          "interpret the graph",
          `${name} must have ${sizeOf(shape)} elements`,
          numbers?.length ?? "none",
        ),
      );
    }
    computed[value] = { shape, data: Float64Array.from(numbers) };
  };
  for (const [i, { name, value }] of graph.features.entries()) set(value, name, inputs.features[i]);
  for (const [i, { name, value }] of graph.labels.entries()) set(value, name, inputs.labels[i]);
  for (const [value, data] of graph.constants) set(value, "a constant", data);
  const { parameters, state = new Float32Array() } = inputs;
  for (const { value, name, offset, length } of graph.parameters) {
    set(value, name, parameters.subarray(offset, offset + length));
  }
  for (const { value, name, offset, length } of graph.state) {
    set(value, name, state.subarray(offset, offset + length));
  }

  const { draws = new Float32Array() } = inputs;
  let drawn = 0;
  for (const { op, inputs: from, outputs, attributes } of graph.nodes) {
    const types = outputs.map((value) => graph.values[value]);
    if (isRandom(op)) {
      const begin = drawn;
      drawn += sizeOf(types[0].shape);
      set(outputs[0], op, draws.subarray(begin, drawn));
      continue;
    }
    const results = kernelOf(op)(
      // A kernel with optional inputs checks for null itself; the others never see one.
      from.map((value) => (value === null ? null : computed[value])) as Tensor[],
      attributes,
      types,
    );
    for (const [i, value] of outputs.entries()) {
      const { dtype, shape } = types[i];
      computed[value] = { shape, data: dtype === "int32" ? results[i].map(toInt32) : results[i] };
    }
  }

  const { loss, predictions, gradients, state: nextState } = graph.outputs;
  const flat = (values: readonly number[]) =>
    Float32Array.from(values.flatMap((value) => [...computed[value].data]));
  return {
    loss: computed[loss].data[0],
    predictions: predictions.map((value) => Float32Array.from(computed[value].data)),
    gradients: flat(gradients),
    state: flat(nextState),
  };
}

/** As an Int32Array takes a number: cut to an integer, NaN and infinite ones to 0. */
const toInt32 = (x: number) => x | 0;

function kernelOf(op: string) {
  if (Object.hasOwn(kernels, op)) return kernels[op];
  throw new RangeError(cannot("interpret the graph", "every kernel must be a known one", op));
}
