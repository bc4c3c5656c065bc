/** Sums, means and extremes over axes, softmax, and the sums that are bias gradients. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { elementTypes } from "../model-proto.ts";
import { asFloats, castTo } from "./numbers.ts";

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
    const name = castTo(program, x, dtype);
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
      program.builder.node(op, [asFloats(program, node.inputs[0] as ValueId)], { axis: -1 }),
    );
  };

/** An extreme, of booleans too. */
const extreme =
  (op: string): Lowering =>
  (program, node) => {
    const isLogical = program.dtype(node.outputs[0]) === "bool";
    (isLogical ? logical(op) : reduce(op))(program, node);
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
    const x = node.inputs[0] as ValueId;
    const numbers = program.dtype(x) === "bool" ? castTo(program, x, "int32") : program.plain(x);
    const index = builder.node(op, [numbers], { axis, keepdims: 0 });
    program.set(node.outputs[0], builder.node("Cast", [index], { to: elementTypes.int32 }));
  };

const runningSum: Lowering = (program, node) => {
  const { builder } = program;
  const [axis] = reduced(program, node).axes;
  const x = castTo(program, node.inputs[0] as ValueId, program.dtype(node.outputs[0]));
  const inputs = [x, builder.int64(axis)];
  const exclusive = node.attributes.exclusive ? 1 : 0;
  const reverse = node.attributes.reverse ? 1 : 0;
  program.set(node.outputs[0], builder.node("CumSum", inputs, { exclusive, reverse }));
};

/**
 * Products of all elements up to each: of one, then of two, then of four of them, each from those before. ONNX has no
 * operator for it.
 */
const runningProduct: Lowering = (program, node) => {
  const { builder } = program;
  const [x] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const dtype = program.dtype(y);
  const shape = program.shape(x);
  const [axis] = reduced(program, node).axes;
  const { exclusive, reverse } = node.attributes;
  /** The elements that lie `steps` before each one; ones where there are none. */
  const shifted = (name: string, steps: number) => {
    const kept = shape.with(axis, Math.max(0, shape[axis] - steps));
    const margin = shape.map((size, i) => size - kept[i]);
    const none = shape.map(() => 0);
    return reverse
      ? builder.pad(builder.crop(name, shape, margin, kept), none, margin, 1, dtype)
      : builder.pad(builder.crop(name, shape, none, kept), margin, none, 1, dtype);
  };
  let product = program.plain(x);
  for (let steps = 1; steps < shape[axis]; steps *= 2) {
    product = builder.node("Mul", [product, shifted(product, steps)]);
  }
  program.set(y, exclusive ? shifted(product, 1) : product);
};

export const reductions: Readonly<Record<string, Lowering>> = {
  Sum: sum,
  Mean: reduce("ReduceMean"),
  Max: extreme("ReduceMax"),
  Min: extreme("ReduceMin"),
  Prod: reduce("ReduceProd"),
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: indexOfExtreme("ArgMax"),
  ArgMin: indexOfExtreme("ArgMin"),
  Cumsum: runningSum,
  Cumprod: runningProduct,
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
};
