/** Kernels whose inputs or outputs are indices: gathers, rows added at the places that indices name, the largest of a row. */
import type { ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { elementTypes } from "../model-proto.ts";

/** Whether a gather with the same indices would have failed if one of them were out of range. */
function isInRange(program: LoweringProgram, indices: ValueId, length: number): boolean {
  const source = program.unreshaped(indices);
  return program.graph.nodes.some(({ attributes, inputs, op }) => {
    if (op !== "GatherV2" || program.unreshaped(inputs[1] as ValueId) !== source) return false;
    const shape = program.shape(inputs[0] as ValueId);
    return shape.at(attributes.axis as number) === length;
  });
}

/** TF.js drops rows of segments that do not exist: they go to one segment more, which is cut off. */
const unsortedSegmentSum: Lowering = (program, { attributes, inputs, outputs: [y] }) => {
  const { builder } = program;
  const [x, ids] = inputs as [ValueId, ValueId];
  const segments = attributes.numSegments as number;
  const [, ...row] = program.shape(y);
  const inRange = isInRange(program, ids, segments);
  const idShape = program.shape(ids);
  const wanted = program.plain(ids);
  const isMissing = () =>
    builder.node("Or", [
      builder.node("Less", [wanted, builder.scalar(0, "int32")]),
      builder.node("GreaterOrEqual", [wanted, builder.scalar(segments, "int32")]),
    ]);
  const known = inRange
    ? wanted
    : builder.node("Where", [isMissing(), builder.scalar(segments, "int32"), wanted]);
  const indices = builder.reshape(builder.node("Cast", [known], { to: elementTypes.int64 }), [...idShape, 1]);
  const total = [inRange ? segments : segments + 1, ...row];
  const zeros = builder.filled(0, program.dtype(y), total);
  const sums = builder.node("ScatterND", [zeros, indices, program.plain(x)], { reduction: "add" });
  program.set(
    y,
    builder.crop(
      sums,
      total,
      total.map(() => 0),
      program.shape(y),
    ),
  );
};

/**
 * Rows of `x` along an axis. Within batches each row of the indices is for its part of x: the rows of all parts, one below the
 * other, are gathered by their number among all.
 */
const gather: Lowering = (program, { attributes, inputs, outputs: [y] }) => {
  const { builder } = program;
  const [x, indices] = inputs as [ValueId, ValueId];
  const shape = program.shape(x);
  const given = Number(attributes.axis ?? 0);
  const axis = given < 0 ? given + shape.length : given;
  const batchDims = Number(attributes.batchDims ?? 0);
  if (batchDims === 0) {
    program.set(y, builder.node("Gather", [program.plain(x), program.plain(indices)], { axis }));
    return;
  }
  const sizeOf = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const batch = sizeOf(shape.slice(0, batchDims));
  const outer = sizeOf(shape.slice(batchDims, axis));
  const rows = shape[axis];
  const wanted = program.reshaped(indices, [batch, 1, sizeOf(program.shape(indices)) / batch]);
  const first = Int32Array.from({ length: batch * outer }, (_, part) => part * rows);
  const numbers = builder.node("Add", [wanted, builder.indices(first, [batch, outer, 1])]);
  const all = program.reshaped(x, [batch * outer * rows, sizeOf(shape.slice(axis + 1))]);
  program.set(y, builder.reshape(builder.node("Gather", [all, numbers], { axis: 0 }), program.shape(y)));
};

const gatherNd: Lowering = (program, { inputs, outputs: [y] }) => {
  const { builder } = program;
  const [x, indices] = inputs as [ValueId, ValueId];
  const places = builder.node("Cast", [program.plain(indices)], { to: elementTypes.int64 });
  program.set(y, builder.node("GatherND", [program.plain(x), places]));
};

const largest: Lowering = (program, { attributes, inputs: [x], outputs: [values, places] }) => {
  const { builder } = program;
  const count = builder.ints([attributes.k as number]);
  const [top, at] = builder.nodes("TopK", [program.plain(x as ValueId), count], 2, { axis: -1 });
  program.set(values, top);
  program.set(places, builder.node("Cast", [at], { to: elementTypes.int32 }));
};

export const indexing: Readonly<Record<string, Lowering>> = {
  GatherV2: gather,
  GatherNd: gatherNd,
  TopK: largest,
  UnsortedSegmentSum: unsortedSegmentSum,
};
