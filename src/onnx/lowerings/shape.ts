/** Kernels that move elements without computing: reshape, transpose, slice, concat, pad, gather and their like. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import { mirroredIndices } from "../../graph/kernels/arrangement.ts";
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

/** Each axis is gathered by the indices that the mirror shows. */
const mirrorPad = simple(({ builder, graph }, x, { attributes, inputs }) => {
  const { shape } = graph.values[inputs[0] as ValueId];
  return shape.reduce((name, size, axis) => {
    const indices = mirroredIndices(size, attributes, axis);
    if (indices.length === size) return name;
    return builder.node("Gather", [name, builder.indices(indices, [indices.length])], { axis });
  }, x);
});

/** Blocks of pixels become images of their own: block positions go before the batch, as TF.js orders them. */
const spaceToBatch = simple(({ builder, graph }, x, { attributes, inputs, outputs }) => {
  const { shape } = graph.values[inputs[0] as ValueId];
  const [blocks, paddings] = [attributes.blockShape as number[], attributes.paddings as number[][]];
  const rest = shape.slice(blocks.length + 1);
  const none = rest.map(() => 0);
  const before = [0, ...paddings.map(([first]) => first), ...none];
  const after = [0, ...paddings.map(([, last]) => last), ...none];
  const padded = shape.map((size, axis) => before[axis] + size + after[axis]);
  const apart = blocks.flatMap((block, i) => [padded[i + 1] / block, block]);
  const split = builder.reshape(builder.pad(x, before, after), [shape[0], ...apart, ...rest]);
  const perm = [
    ...blocks.map((_, i) => 2 * i + 2),
    0,
    ...blocks.map((_, i) => 2 * i + 1),
    ...rest.map((_, i) => 2 * blocks.length + 1 + i),
  ];
  return builder.reshape(builder.node("Transpose", [split], { perm }), graph.values[outputs[0]].shape);
});

const batchToSpace = simple(({ builder, graph }, x, { attributes, inputs, outputs }) => {
  const { shape } = graph.values[inputs[0] as ValueId];
  const [blocks, crops] = [attributes.blockShape as number[], attributes.crops as number[][]];
  const batch = shape[0] / blocks.reduce((product, block) => product * block, 1);
  const sizes = shape.slice(1, blocks.length + 1);
  const rest = shape.slice(blocks.length + 1);
  const apart = builder.reshape(x, [...blocks, batch, ...sizes, ...rest]);
  const perm = [
    blocks.length,
    ...blocks.flatMap((_, i) => [blocks.length + 1 + i, i]),
    ...rest.map((_, i) => 2 * blocks.length + 1 + i),
  ];
  const whole = [batch, ...sizes.map((size, i) => size * blocks[i]), ...rest];
  const joined = builder.reshape(builder.node("Transpose", [apart], { perm }), whole);
  const offset = [0, ...crops.map(([first]) => first), ...rest.map(() => 0)];
  return builder.crop(joined, whole, offset, graph.values[outputs[0]].shape);
});

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
  MirrorPad: mirrorPad,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
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
