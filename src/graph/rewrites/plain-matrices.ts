/**
 * Brings sequences into one form: matrices whose rows lie one step after the other.
 *
 * TF.js wraps every matrix product in reshapes to three dimensions, and stacks the steps of a sequence along whichever
 * axis. Here products become products of matrices, `Pack` and `Unpack` of matrices become concatenations and splits of
 * rows, and what undoes something is gone, so that the other rewrites have one form to look for.
 */
import type { Graph, GraphNode, ValueId } from "../graph.ts";
import { isRandom } from "../kernels/random.ts";
import { concat, keepsRows, reorderedRows, reshape, split, transpose, unreshaped } from "./arrange.ts";
import { GraphEditor } from "./graph-editor.ts";
import { add } from "./product.ts";

/** What stands for the outputs of a call; null where the call stays. */
type Form = (editor: GraphEditor, node: GraphNode) => readonly ValueId[] | null;

const reshaped: Form = (editor, { inputs, layer, outputs }) => [
  reshape(editor, inputs[0] as ValueId, editor.shape(outputs[0]), layer),
];

/** Without the leading ones of both sides. */
const product: Form = (editor, { attributes, inputs, layer, op, outputs }) => {
  const [left, right, bias = null, slopes = null] = inputs as (ValueId | null)[];
  const shapes = [left, right].map((value) => editor.shape(value as ValueId));
  const isWrapped = (shape: readonly number[]) =>
    shape.length > 2 && shape.slice(0, -2).every((size) => size === 1);
  if (!shapes.every(isWrapped) || slopes !== null) return null;
  if (bias !== null && editor.shape(bias).length > 1) return null;
  const matrices = [left, right].map((value, i) =>
    reshape(editor, value as ValueId, shapes[i].slice(-2), layer),
  );
  const { shape } = editor.type(outputs[0]);
  const type = { dtype: "float32", shape: shape.slice(-2) } as const;
  const [y] = editor.call(op, [...matrices, ...inputs.slice(2)], [type], attributes, layer);
  return [reshape(editor, y, shape, layer)];
};

const transposed: Form = (editor, { attributes, inputs, layer }) => [
  transpose(editor, inputs[0] as ValueId, attributes.perm as number[], layer),
];

/** `[a, b, U]` ↔ `[b, a, U]`. */
const swapped = [1, 0, 2];

const positive = (axis: unknown, rank: number) => (Number(axis ?? 0) + rank) % rank;

/** Matrices stacked along a new axis before their columns. */
const pack: Form = (editor, { attributes, inputs, layer, outputs }) => {
  const shape = editor.shape(outputs[0]);
  const axis = positive(attributes.axis, shape.length);
  if (shape.length !== 3 || axis === 2) return null;
  const stacked = concat(editor, inputs as ValueId[], 0, layer);
  if (axis === 0) return [reshape(editor, stacked, shape, layer)];
  const [rows, steps, columns] = shape;
  return [transpose(editor, reshape(editor, stacked, [steps, rows, columns], layer), swapped, layer)];
};

const unpack: Form = (editor, { attributes, inputs, layer, outputs }) => {
  const x = inputs[0] as ValueId;
  const shape = editor.shape(x);
  const axis = positive(attributes.axis, shape.length);
  if (shape.length !== 3 || axis === 2) return null;
  const [rows, columns] = editor.shape(outputs[0]);
  const stepwise = axis === 0 ? x : transpose(editor, x, swapped, layer);
  const stacked = reshape(editor, stepwise, [rows * outputs.length, columns], layer);
  return split(editor, stacked, Array(outputs.length).fill(rows), 0, layer);
};

const splitting: Form = (editor, { attributes, inputs, layer, outputs }) => {
  const axis = positive(attributes.axis, editor.shape(outputs[0]).length);
  const sizes = outputs.map((output) => editor.shape(output)[axis]);
  return split(editor, inputs[0] as ValueId, sizes, axis, layer);
};

const concatenation: Form = (editor, { attributes, inputs, layer, outputs }) => [
  concat(editor, inputs as ValueId[], positive(attributes.axis, editor.shape(outputs[0]).length), layer),
];

/** The sum of matrices that are made of the same columns is made of the sums of those. */
const sum: Form = (editor, { inputs, layer }) => {
  const [left, right] = inputs.map((input) => columnsOf(editor, input as ValueId));
  const shapes = (parts: readonly ValueId[]) => `${parts.map((part) => editor.shape(part))}`;
  if (left === null || right === null || shapes(left) !== shapes(right)) return null;
  const sums = left.map((part, i) => add(editor, part, right[i], layer));
  return [concat(editor, sums, 1, layer)];
};

/** What a matrix is made of from left to right; null if it is no concatenation of columns. */
function columnsOf(editor: GraphEditor, value: ValueId): readonly ValueId[] | null {
  const node = editor.producer(value);
  const isOfColumns = node?.op === "Concat" && node.attributes.axis === 1;
  return isOfColumns && editor.shape(value).length === 2 ? editor.inputs(node) : null;
}

/** The order of the rows is nothing to their sums: the ids take it in place of the rows. */
const segmentSum: Form = (editor, { attributes, inputs, layer, outputs }) => {
  const [x, ids] = inputs as [ValueId, ValueId];
  const rows = editor.producer(unreshaped(editor, x));
  const [shape, perm] = [editor.shape(x), rows?.attributes.perm as number[] | undefined];
  if (rows?.op !== "Transpose" || perm === undefined || !keepsRows(perm) || shape.length !== 2) return null;
  const source = editor.shape(rows.inputs[0] as ValueId);
  if (source.at(-1) !== shape[1] || editor.shape(ids).length !== 1) return null;
  const back = perm.map((_, axis) => perm.indexOf(axis));
  const lead = perm.slice(0, -1).map((axis) => source[axis]);
  const places = reorderedRows(editor, ids, lead, back, layer);
  const straight = reshape(editor, rows.inputs[0] as ValueId, shape, layer);
  const type = editor.type(outputs[0]);
  return editor.call("UnsortedSegmentSum", [straight, places], [type], attributes, layer);
};

const forms: Readonly<Record<string, Form>> = {
  Reshape: reshaped,
  ExpandDims: reshaped,
  Transpose: transposed,
  BatchMatMul: product,
  _FusedMatMul: product,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitting,
  Concat: concatenation,
  Add: sum,
  UnsortedSegmentSum: segmentSum,
};

/** The same graph with sequences in the form that is described above, and each call made once. */
export function plainMatrices(graph: Graph): Graph {
  const editor = new GraphEditor(graph);
  for (const node of graph.nodes) {
    if (isRandom(node.op)) continue;
    const form = Object.hasOwn(forms, node.op) ? forms[node.op](editor, node) : null;
    const values = form ?? same(editor, node);
    for (const [i, output] of node.outputs.entries()) editor.replace(output, values[i]);
  }
  return editor.graph();
}

const same = (editor: GraphEditor, { attributes, inputs, layer, op, outputs }: GraphNode) =>
  editor.call(
    op,
    inputs,
    outputs.map((output) => editor.type(output)),
    attributes,
    layer,
  );
