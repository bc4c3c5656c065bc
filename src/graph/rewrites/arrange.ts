/**
 * Reshapes, transposes, splits and concatenations, written as the fewest calls: what undoes an earlier one is none.
 *
 * Rows of a matrix that stand in another order are a case of its own: `[a, b, U]` with the axes before the last one
 * transposed. They are the same numbers in the same places of each row, so a gather can make them in that order.
 */
import type { ValueId } from "../graph.ts";
import type { GraphEditor } from "./graph-editor.ts";

type Shape = readonly number[];

const sizeOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);
const isSame = (a: Shape, b: Shape) => a.length === b.length && a.every((size, axis) => size === b[axis]);

/** The value behind all reshapes. */
export function unreshaped(editor: GraphEditor, value: ValueId): ValueId {
  const producer = editor.producer(value);
  if (producer?.op !== "Reshape" && producer?.op !== "ExpandDims") return editor.resolve(value);
  return unreshaped(editor, producer.inputs[0] as ValueId);
}

export function reshape(editor: GraphEditor, value: ValueId, shape: Shape, layer: string | null): ValueId {
  const source = unreshaped(editor, value);
  if (isSame(editor.shape(source), shape)) return source;
  const { dtype } = editor.type(source);
  return editor.call("Reshape", [source], [{ dtype, shape }], { shape: [...shape] }, layer)[0];
}

export function transpose(editor: GraphEditor, value: ValueId, perm: Shape, layer: string | null): ValueId {
  if (perm.every((from, axis) => from === axis)) return editor.resolve(value);
  const producer = editor.producer(value);
  if (producer?.op === "Transpose") {
    const first = producer.attributes.perm as Shape;
    const both = perm.map((axis) => first[axis]);
    return transpose(editor, producer.inputs[0] as ValueId, both, layer);
  }
  const { dtype, shape } = editor.type(editor.resolve(value));
  const transposed = perm.map((axis) => shape[axis]);
  const gather = editor.producer(unreshaped(editor, value));
  if (
    gather?.op === "GatherV2" &&
    keepsRows(perm) &&
    isGatherOfRows(editor, gather.inputs as ValueId[], shape)
  ) {
    const [table, indices] = editor.inputs(gather);
    const places = reorderedRows(editor, indices, shape.slice(0, -1), perm, layer);
    const type = { dtype, shape: [...editor.shape(places), ...shape.slice(-1)] };
    const [rows] = editor.call("GatherV2", [table, places], [type], gather.attributes, layer);
    return reshape(editor, rows, transposed, layer);
  }
  return editor.call("Transpose", [value], [{ dtype, shape: transposed }], { perm: [...perm] }, layer)[0];
}

/** Whether a transpose leaves the last axis where it is. */
export const keepsRows = (perm: Shape): boolean => perm.at(-1) === perm.length - 1;

/** A number for each row, in the order that the rows have after `perm`; `[rows]`. */
export function reorderedRows(
  editor: GraphEditor,
  numbers: ValueId,
  shape: Shape,
  perm: Shape,
  layer: string | null,
): ValueId {
  const apart = reshape(editor, numbers, shape, layer);
  return reshape(editor, transpose(editor, apart, perm.slice(0, -1), layer), [sizeOf(shape)], layer);
}

/** Whether a gather takes whole rows of a matrix, and `shape` has them as its last axis. */
function isGatherOfRows(editor: GraphEditor, [table, indices]: ValueId[], shape: Shape): boolean {
  const [rows, ...row] = editor.shape(table);
  const count = sizeOf(editor.shape(indices));
  return rows > 0 && isSame(row, shape.slice(-1)) && count === sizeOf(shape.slice(0, -1));
}

/** Values one after the other along an axis. */
export function concat(
  editor: GraphEditor,
  values: readonly ValueId[],
  axis: number,
  layer: string | null,
): ValueId {
  const parts = values.map((value) => editor.resolve(value));
  if (parts.length === 1) return parts[0];
  const split = editor.producer(parts[0]);
  if (
    split?.op === "SplitV" &&
    split.outputs.length === parts.length &&
    split.outputs.every((part, i) => editor.resolve(part) === parts[i]) &&
    split.attributes.axis === axis
  ) {
    return editor.resolve(split.inputs[0] as ValueId);
  }
  const { dtype, shape } = editor.type(parts[0]);
  const length = parts.reduce((sum, part) => sum + editor.shape(part)[axis], 0);
  return editor.call("Concat", parts, [{ dtype, shape: shape.with(axis, length) }], { axis }, layer)[0];
}

/** The parts of a value along an axis. */
export function split(
  editor: GraphEditor,
  value: ValueId,
  sizes: readonly number[],
  axis: number,
  layer: string | null,
): readonly ValueId[] {
  if (sizes.length === 1) return [editor.resolve(value)];
  const producer = editor.producer(value);
  if (producer?.op === "Concat" && producer.attributes.axis === axis) {
    const parts = editor.inputs(producer);
    if (
      isSame(
        parts.map((part) => editor.shape(part)[axis]),
        sizes,
      )
    )
      return parts;
  }
  const { dtype, shape } = editor.type(editor.resolve(value));
  const types = sizes.map((size) => ({ dtype, shape: shape.with(axis, size) }));
  return editor.call("SplitV", [value], types, { axis, numOrSizeSplits: [...sizes] }, layer);
}
