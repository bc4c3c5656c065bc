/** The gradient of a gather: rows added at the places that indices name. */
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

export const indexing: Readonly<Record<string, Lowering>> = { UnsortedSegmentSum: unsortedSegmentSum };
