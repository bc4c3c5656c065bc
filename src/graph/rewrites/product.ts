/** Matrix products as rewrites see them: of two matrices, possibly with a vector added to each row. */
import type { Attribute, GraphNode, ValueId } from "../graph.ts";
import type { GraphEditor } from "./graph-editor.ts";

export interface Product {
  readonly left: ValueId;
  readonly right: ValueId;
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
  /** `[N]`, or null. */
  readonly bias: ValueId | null;
}

const isMatrixProduct = ({ op }: GraphNode) => op === "BatchMatMul" || op === "_FusedMatMul";

/** The product of two matrices that a call is; null for other calls, and where an activation follows. */
export function productOf(editor: GraphEditor, node: GraphNode | undefined): Product | null {
  if (node === undefined || !isMatrixProduct(node)) return null;
  const { activation = "linear", transposeA, transposeB } = node.attributes;
  const [left, right, bias = null, slopes = null] = node.inputs.map((input) =>
    input === null ? null : editor.resolve(input),
  ) as [ValueId, ValueId, ValueId?, ValueId?];
  if (activation !== "linear" || slopes !== null) return null;
  const ranks = [left, right].map((value) => editor.shape(value).length);
  if (`${ranks}` !== "2,2" || (bias !== null && editor.shape(bias).length !== 1)) return null;
  return { left, right, transposeLeft: transposeA === true, transposeRight: transposeB === true, bias };
}

/** Rows, inner length and columns. */
export function sizesOf(
  editor: GraphEditor,
  product: Product,
): { rows: number; inner: number; columns: number } {
  const [first, second] = editor.shape(product.left);
  const columns = editor.shape(product.right)[product.transposeRight ? 0 : 1];
  const [inner, rows] = product.transposeLeft ? [first, second] : [second, first];
  return { rows, inner, columns };
}

export function multiply(editor: GraphEditor, product: Product, layer: string | null): ValueId {
  const { bias, left, right, transposeLeft, transposeRight } = product;
  const { columns, rows } = sizesOf(editor, product);
  const attributes: Record<string, Attribute> = { transposeA: transposeLeft, transposeB: transposeRight };
  const type = { dtype: "float32", shape: [rows, columns] } as const;
  if (bias === null) return editor.call("BatchMatMul", [left, right], [type], attributes, layer)[0];
  const fused = { ...attributes, activation: "linear" };
  return editor.call("_FusedMatMul", [left, right, bias, null], [type], fused, layer)[0];
}

/** a + b of two values of one shape, or of a matrix and a vector. */
export function add(editor: GraphEditor, a: ValueId, b: ValueId, layer: string | null): ValueId {
  return editor.call("Add", [a, b], [editor.type(editor.resolve(a))], {}, layer)[0];
}
