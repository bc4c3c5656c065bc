/** BatchMatMul and _FusedMatMul. Products of two matrices, also when they hide behind leading ones, become Gemm. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { applyActivation } from "./activation.ts";

/**
 * Columns of a product that the runtime computes at a time on the processor. It transposes the left factor anew for each such
 * panel; where there are several, once before is faster: by a tenth for the kernels of an LSTM.
 */
const panelColumns = 128;

export const matrixProduct: Lowering = (program, node) => {
  const [a, b, bias = null] = node.inputs as (ValueId | null)[];
  const [y] = node.outputs;
  // A bias goes in before the activation, a sum that follows comes after it.
  const isLinear = (node.attributes.activation ?? "linear") === "linear";
  const addition = bias === null && isLinear ? biasAddition(program, y) : null;
  const vector = bias ?? addition?.bias ?? null;
  const linear = product(program, node, a as ValueId, b as ValueId, vector);
  const name = applyActivation(program, node, linear);
  if (addition === null) program.set(y, name);
  else program.set(addition.sum, name);
};

/**
 * The one consumer of a product when it adds a vector along the last axis, or a matrix that is made already: it then becomes
 * part of the Gemm.
 */
function biasAddition(program: LoweringProgram, y: ValueId): { bias: ValueId; sum: ValueId } | null {
  const consumers = program.consumers(y);
  const [add] = consumers;
  if (consumers.length !== 1 || add.op !== "Add" || program.isOutput(y)) return null;
  const bias = add.inputs.find((input) => input !== y) as ValueId | undefined;
  if (bias === undefined) return null;
  const shape = program.shape(y);
  const isVector = `${program.shape(bias)}` === `${shape.at(-1)}` && program.producer(bias) === undefined;
  const isMatrix = shape.length === 2 && `${program.shape(bias)}` === `${shape}` && program.isSet(bias);
  return isVector || isMatrix ? { bias, sum: add.outputs[0] } : null;
}

function product(
  program: LoweringProgram,
  { attributes }: GraphNode,
  a: ValueId,
  b: ValueId,
  bias: ValueId | null,
): string {
  const { builder } = program;
  const transA = attributes.transposeA ? 1 : 0;
  const transB = attributes.transposeB ? 1 : 0;
  const isMatrix = (value: ValueId) =>
    program
      .shape(value)
      .slice(0, -2)
      .every((size) => size === 1);
  const rank = Math.max(program.shape(a).length, program.shape(b).length);
  if (isMatrix(a) && isMatrix(b)) {
    // Without the leading ones, of which a vector has none.
    const matrix = (value: ValueId) => program.reshaped(value, program.shape(value).slice(-2));
    const inputs = [a, b, ...(bias === null ? [] : [bias])].map(matrix);
    const rows = program.shape(a).at(transA ? -1 : -2) as number;
    const columns = program.shape(b).at(transB ? -2 : -1) as number;
    const isTransposedFirst = transA === 1 && columns > panelColumns && !program.portable;
    if (isTransposedFirst) inputs[0] = transposed(program, inputs[0], program.shape(a).slice(-2));
    const isPlain = bias === null && transB === 0 && (transA === 0 || isTransposedFirst);
    const y = isPlain
      ? builder.node("MatMul", inputs)
      : builder.node("Gemm", inputs, { transA: isTransposedFirst ? 0 : transA, transB });
    builder.shaped(y, [rows, columns]);
    return rank === 2 ? y : builder.reshape(y, [...Array(rank - 2).fill(1), rows, columns]);
  }
  const operand = (value: ValueId, transposed: number) => {
    const axes = program.shape(value).map((_, axis) => axis);
    const perm = [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
    return transposed ? builder.node("Transpose", [program.plain(value)], { perm }) : program.plain(value);
  };
  const y = builder.node("MatMul", [operand(a, transA), operand(b, transB)]);
  return bias === null ? y : builder.node("Add", [y, program.plain(bias)]);
}

/** A transposition that the runtime cannot take back into a Gemm: as of a matrix of vectors of one number. */
function transposed(
  { builder }: LoweringProgram,
  matrix: string,
  [rows, columns]: readonly number[],
): string {
  const vectors = builder.reshape(matrix, [rows, columns, 1]);
  return builder.reshape(builder.node("Transpose", [vectors], { perm: [1, 0, 2] }), [columns, rows]);
}
