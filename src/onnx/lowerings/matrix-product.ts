/** BatchMatMul and _FusedMatMul. Products of two matrices, also when they hide behind leading ones, become Gemm. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { applyActivation } from "./activation.ts";

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
    const y =
      transA + transB === 0 && bias === null
        ? builder.node("MatMul", inputs)
        : builder.node("Gemm", inputs, { transA, transB });
    const rows = program.shape(a).at(transA ? -1 : -2) as number;
    const columns = program.shape(b).at(transB ? -2 : -1) as number;
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
