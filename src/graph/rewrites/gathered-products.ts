/**
 * Products of gathered rows become gathers of a product: gather(E, i)·W = gather(E·W, i).
 *
 * An embedding has fewer rows than a minibatch has words, so that there is less to multiply. In the gradients, rows are
 * added up by their index before they are multiplied: gather(E, i)ᵀ·D = Eᵀ·S and segmentSum(D·W, i) = S·W with
 * S = segmentSum(D, i), which is one for both.
 */
import type { Graph, GraphNode, ValueId } from "../graph.ts";
import { reshape, unreshaped } from "./arrange.ts";
import { GraphEditor } from "./graph-editor.ts";
import { GraphUses } from "./graph-uses.ts";
import { multiply, productOf, sizesOf } from "./product.ts";

export function gatheredProducts(graph: Graph): Graph {
  const editor = new GraphEditor(graph);
  const uses = new GraphUses(graph);
  for (const node of graph.nodes) {
    const y =
      gatherOfProduct(editor, node) ??
      productWithSegments(editor, node) ??
      segmentsOfProduct(editor, uses, node);
    if (y !== null) editor.replace(node.outputs[0], y);
  }
  return editor.graph();
}

/** Rows of a matrix, taken by a vector of indices that is longer than the matrix. */
function gatherOf(editor: GraphEditor, value: ValueId): { table: ValueId; indices: ValueId } | null {
  const node = editor.producer(unreshaped(editor, value));
  if (node?.op !== "GatherV2" || Number(node.attributes.axis) !== 0 || node.attributes.batchDims) return null;
  const [table, indices] = editor.inputs(node);
  const [shape, [rows, columns]] = [editor.shape(table), editor.shape(value)];
  if (shape.length !== 2 || shape[1] !== columns || shape[0] >= rows) return null;
  return { table, indices: reshape(editor, indices, [rows], node.layer) };
}

function gatherOfProduct(editor: GraphEditor, node: GraphNode): ValueId | null {
  const product = productOf(editor, node);
  const gather = product?.transposeLeft === false ? gatherOf(editor, product.left) : null;
  if (product === null || gather === null) return null;
  const rows = multiply(editor, { ...product, left: gather.table }, node.layer);
  const type = editor.type(node.outputs[0]);
  return editor.call("GatherV2", [rows, gather.indices], [type], { axis: 0, batchDims: 0 }, node.layer)[0];
}

function productWithSegments(editor: GraphEditor, node: GraphNode): ValueId | null {
  const product = productOf(editor, node);
  const gather = product?.transposeLeft && !product.transposeRight ? gatherOf(editor, product.left) : null;
  if (product === null || gather === null) return null;
  const segments = editor.shape(gather.table)[0];
  const right = segmentSum(editor, product.right, gather.indices, segments, node.layer);
  return multiply(editor, { ...product, left: gather.table, right }, node.layer);
}

function segmentsOfProduct(editor: GraphEditor, uses: GraphUses, node: GraphNode): ValueId | null {
  if (node.op !== "UnsortedSegmentSum") return null;
  const [value, ids] = editor.inputs(node);
  const segments = node.attributes.numSegments as number;
  const product = productOf(editor, editor.producer(value));
  if (product === null || product.transposeLeft || product.bias !== null) return null;
  const { rows } = sizesOf(editor, product);
  if (uses.soleReader(value) === null || editor.shape(ids).length !== 1 || segments >= rows) return null;
  const left = segmentSum(editor, product.left, ids, segments, node.layer);
  return multiply(editor, { ...product, left }, node.layer);
}

function segmentSum(
  editor: GraphEditor,
  rows: ValueId,
  ids: ValueId,
  segments: number,
  layer: string | null,
): ValueId {
  const type = { dtype: "float32", shape: [segments, ...editor.shape(rows).slice(1)] } as const;
  return editor.call("UnsortedSegmentSum", [rows, ids], [type], { numSegments: segments }, layer)[0];
}
