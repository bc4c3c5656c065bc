/** Kernels that move elements without computing: reshape, transpose, slice, concat, pad, gather and their like. */
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
  return builder.crop(x, from, attributes.begin as number[], graph.values[outputs[0]].shape);
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
  Identity: reshape,
  Transpose: simple(({ builder }, x, { attributes }) =>
    builder.node("Transpose", [x], { perm: attributes.perm as number[] }),
  ),
  Slice: slice,
  PadV2: simple(({ builder }, x, { attributes }) => {
    const paddings = attributes.paddings as number[][];
    const value = (attributes.constantValue as number | undefined) ?? 0;
    return builder.pad(
      x,
      paddings.map(([before]) => before),
      paddings.map(([, after]) => after),
      value,
    );
  }),
  Tile: simple(({ builder }, x, { attributes }) =>
    builder.node("Tile", [x, builder.ints(attributes.reps as number[])]),
  ),
  Reverse: simple(({ builder, graph }, x, { attributes, inputs }) => {
    const { shape } = graph.values[inputs[0] as ValueId];
    const dims = [attributes.dims as number | number[]].flat();
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
    program.set(
      node.outputs[0],
      program.builder.node("Gather", names(program, node), { axis: axisOf(program, node) }),
    );
  },
  OneHot: simple(({ builder }, x, { attributes }) => {
    const { depth, offValue, onValue } = attributes as { depth: number; offValue: number; onValue: number };
    const indices = builder.node("Cast", [x], { to: 7 });
    const values = builder.floats(Float32Array.of(offValue, onValue), [2]);
    const hot = builder.node("OneHot", [indices, builder.int64(depth), values], { axis: -1 });
    return attributes.dtype === "float32" ? hot : builder.node("Cast", [hot], { to: 6 });
  }),
};
