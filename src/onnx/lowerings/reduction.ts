/** Sums, means and extremes over axes, softmax, and the sums that are bias gradients. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { elementTypes } from "../model-proto.ts";

/** Axes that a reduction runs over, and the length of what it adds up. */
function reduced(
  program: LoweringProgram,
  { attributes, inputs }: GraphNode,
): { axes: number[]; count: number } {
  const shape = program.shape(inputs[0] as ValueId);
  const given = (attributes.axis ?? attributes.reductionIndices ?? null) as number | number[] | null;
  const axes = (given === null ? shape.map((_, axis) => axis) : [given].flat()).map((axis) =>
    axis < 0 ? axis + shape.length : axis,
  );
  return { axes, count: axes.reduce((product, axis) => product * shape[axis], 1) };
}

const reduce =
  (op: string): Lowering =>
  (program, node) => {
    const x = node.inputs[0] as ValueId;
    const { axes } = reduced(program, node);
    const keepdims = node.attributes.keepDims ? 1 : 0;
    // Of the reductions, only a mean has another type than what it reduces.
    const { dtype } = program.type(node.outputs[0]);
    const name =
      dtype === program.dtype(x)
        ? program.plain(x)
        : program.builder.node("Cast", [program.plain(x)], { to: elementTypes[dtype] });
    program.set(
      node.outputs[0],
      axes.length === 0 ? name : program.builder.node(op, [name, program.builder.ints(axes)], { keepdims }),
    );
  };

/**
 * A sum over all axes but the last is a bias gradient: a product with a row of ones is faster than ReduceSum. The
 * gradient of a max-pool has the sum of what came in, a quarter of the elements.
 */
const sum: Lowering = (program, node) => {
  const { builder } = program;
  const [output] = node.outputs;
  const source = program.sumSource(node.inputs[0] as ValueId);
  const shape = program.shape(source);
  const { axes } = reduced(program, node);
  const isBiasGradient = shape.length > 1 && `${axes}` === `${shape.slice(1).map((_, axis) => axis)}`;
  if (!isBiasGradient || program.dtype(source) !== "float32") {
    reduce("ReduceSum")(program, node);
    return;
  }
  const columns = shape.at(-1) as number;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const ones = builder.floats(new Float32Array(rows).fill(1), [1, rows]);
  const total = builder.node("MatMul", [ones, program.reshaped(source, [rows, columns])]);
  program.set(output, builder.reshape(total, program.shape(output)));
};

const softmax =
  (op: string): Lowering =>
  (program, node) => {
    program.set(
      node.outputs[0],
      program.builder.node(op, [program.plain(node.inputs[0] as ValueId)], { axis: -1 }),
    );
  };

/** A reduction of booleans by way of integers. */
const logical =
  (op: string): Lowering =>
  (program, node) => {
    const { builder } = program;
    const { axes } = reduced(program, node);
    const numbers = builder.node("Cast", [program.plain(node.inputs[0] as ValueId)], {
      to: elementTypes.int32,
    });
    const keepdims = node.attributes.keepDims ? 1 : 0;
    const extreme =
      axes.length === 0 ? numbers : builder.node(op, [numbers, builder.ints(axes)], { keepdims });
    program.set(node.outputs[0], builder.node("Cast", [extreme], { to: elementTypes.bool }));
  };

const indexOfExtreme =
  (op: string): Lowering =>
  (program, node) => {
    const { builder } = program;
    const [axis] = reduced(program, node).axes;
    const index = builder.node(op, [program.plain(node.inputs[0] as ValueId)], { axis, keepdims: 0 });
    program.set(node.outputs[0], builder.node("Cast", [index], { to: elementTypes.int32 }));
  };

const runningSum: Lowering = (program, node) => {
  const { builder } = program;
  const [axis] = reduced(program, node).axes;
  const inputs = [program.plain(node.inputs[0] as ValueId), builder.int64(axis)];
  const exclusive = node.attributes.exclusive ? 1 : 0;
  const reverse = node.attributes.reverse ? 1 : 0;
  program.set(node.outputs[0], builder.node("CumSum", inputs, { exclusive, reverse }));
};

export const reductions: Readonly<Record<string, Lowering>> = {
  Sum: sum,
  Mean: reduce("ReduceMean"),
  Max: reduce("ReduceMax"),
  Min: reduce("ReduceMin"),
  Prod: reduce("ReduceProd"),
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: indexOfExtreme("ArgMax"),
  ArgMin: indexOfExtreme("ArgMin"),
  Cumsum: runningSum,
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
};
