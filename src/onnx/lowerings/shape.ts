/** Kernels that move elements without computing: reshape, transpose, slice, concat, pad, gather and their like. */
import { cannot, YfError } from "../../errors.ts";
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";

/** A reshape costs nothing until somebody asks for it; reshapes of reshapes collapse. */
const reshape: Lowering = (program, { inputs: [x], outputs: [y] }) => {
  program.alias(y, x as ValueId);
};

const simple =
  (write: (program: LoweringProgram, x: string, node: GraphNode) => string): Lowering =>
  (program, node) => {
    program.set(node.outputs[0], write(program, program.plain(node.inputs[0] as ValueId), node));
  };

const axisOf = (program: LoweringProgram, { attributes, inputs }: GraphNode) => {
  const axis = Number(attributes.axis ?? 0);
  return axis < 0 ? axis + program.shape(inputs[0] as ValueId).length : axis;
};

const names = (program: LoweringProgram, { inputs }: GraphNode) =>
  inputs.map((input) => program.plain(input as ValueId));

const slice = simple(({ builder, graph }, x, { attributes, inputs, outputs }) => {
  const from = graph.values[inputs[0] as ValueId].shape;
  // TF.js takes one number, or fewer numbers than axes; the rest begin at 0.
  const given = [attributes.begin as number | number[]].flat();
  const begin = from.map((_, axis) => given[axis] ?? 0);
  return builder.crop(x, from, begin, graph.values[outputs[0]].shape);
});

const split: Lowering = (program, node) => {
  const axis = axisOf(program, node);
  const { builder } = program;
  const sizes = node.outputs.map((output) => program.shape(output)[axis]);
  const parts = builder.nodes(
    "Split",
    [program.plain(node.inputs[0] as ValueId), builder.ints(sizes)],
    sizes.length,
    {
      axis,
    },
  );
  for (const [i, output] of node.outputs.entries()) program.set(output, parts[i]);
};

const unpack: Lowering = (program, node) => {
  const axis = axisOf(program, node);
  const { builder } = program;
  const x = program.plain(node.inputs[0] as ValueId);
  for (const [i, output] of node.outputs.entries()) {
    program.set(output, builder.node("Gather", [x, builder.int64(i)], { axis }));
  }
};

const pack: Lowering = (program, node) => {
  const { builder } = program;
  const shape = program.shape(node.outputs[0]);
  const given = Number(node.attributes.axis ?? 0);
  const axis = given < 0 ? given + shape.length : given;
  const parts = names(program, node).map((name) => builder.reshape(name, shape.with(axis, 1)));
  program.set(node.outputs[0], builder.node("Concat", parts, { axis }));
};

export const shapeKernels: Readonly<Record<string, Lowering>> = {
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: simple(({ builder }, x, { attributes }) =>
    builder.node("Transpose", [x], { perm: attributes.perm as number[] }),
  ),
  Slice: slice,
  PadV2: simple((program, x, { attributes, outputs }) => {
    const paddings = attributes.paddings as number[][];
    const value = (attributes.constantValue as number | undefined) ?? 0;
    return program.builder.pad(
      x,
      paddings.map(([before]) => before),
      paddings.map(([, after]) => after),
      value,
      program.dtype(outputs[0]),
    );
  }),
  Tile: simple(({ builder }, x, { attributes }) =>
    builder.node("Tile", [x, builder.ints(attributes.reps as number[])]),
  ),
  Reverse: simple(({ builder, graph }, x, { attributes, inputs }) => {
    const { shape } = graph.values[inputs[0] as ValueId];
    const dims = [(attributes.dims as number | number[] | undefined) ?? [...shape.keys()]].flat();
    const axes = dims.map((axis) => (axis < 0 ? axis + shape.length : axis));
    const lowest = -(2 ** 31);
    return builder.slice(
      x,
      axes.map((axis) => ({ axis, from: shape[axis] - 1, to: lowest, step: -1 })),
    );
  }),
  Concat: (program, node) => {
    const axis = axisOf(program, node);
    program.set(node.outputs[0], program.builder.node("Concat", names(program, node), { axis }));
  },
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  GatherV2: (program, node) => {
    const { attributes, layer, op } = node;
    if (attributes.batchDims) {
      const rule = "its batchDims must be 0 (--engine reference can run others)";
      throw new YfError("NO_LOWERING", cannot(`lower ${op}`, rule, attributes.batchDims), {
        kernel: op,
        layer,
      });
    }
    program.set(
      node.outputs[0],
      program.builder.node("Gather", names(program, node), { axis: axisOf(program, node) }),
    );
  },
  // A comparison, not ONNX's OneHot: that one takes −1 for the last class, TF.js for none.
  OneHot: simple((program, x, { attributes, inputs, outputs }) => {
    const { builder } = program;
    const { depth, offValue, onValue } = attributes as { depth: number; offValue: number; onValue: number };
    const classes = builder.indices(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
    );
    const column = builder.reshape(x, [...program.shape(inputs[0] as ValueId), 1]);
    const dtype = program.dtype(outputs[0]);
    return builder.node("Where", [
      builder.node("Equal", [column, classes]),
      builder.scalar(onValue, dtype),
      builder.scalar(offValue, dtype),
    ]);
  }),
};
