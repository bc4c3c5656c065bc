/**
 * A sum of products over steps becomes one product of stacks: Σ aₜᵀ·dₜ = [a₁; a₂; …]ᵀ·[d₁; d₂; …].
 *
 * That is how the gradient of a kernel comes that is used at every step of a sequence. A sum of column sums, the gradient
 * of the bias, becomes the column sum of the stack in the same way.
 */
import type { Graph, GraphNode, ValueId } from "../graph.ts";
import { concat } from "./arrange.ts";
import { GraphEditor } from "./graph-editor.ts";
import { GraphUses } from "./graph-uses.ts";
import { add, multiply, productOf, sizesOf } from "./product.ts";
import { RowStacks } from "./row-stacks.ts";

/** So many numbers may be copied into stacks for each number of a product that is not written and added any more. */
const copiesPerNumber = 4;

/** A term of a sum: two factors, the second one alone for a column sum. */
type Term = readonly [left: ValueId, right: ValueId] | readonly [rows: ValueId];

export function summedProducts(graph: Graph): Graph {
  const editor = new GraphEditor(graph);
  const uses = new GraphUses(graph);
  const stacks = new RowStacks(graph);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const isSum = (node: GraphNode | null | undefined): node is GraphNode =>
    node?.op === "Add" &&
    node.inputs.every((input) => `${editor.shape(input as ValueId)}` === `${editor.shape(node.outputs[0])}`);

  const addends = (root: GraphNode): ValueId[] => {
    const found: ValueId[] = [];
    const waiting = [...root.inputs] as ValueId[];
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      const producer = producers.get(value);
      if (isSum(producer) && uses.soleReader(value) !== null) waiting.push(...(producer.inputs as ValueId[]));
      else found.push(value);
    }
    return found;
  };

  const termOf = (value: ValueId): Term | null => {
    const node = producers.get(value);
    if (node === undefined || uses.soleReader(value) === null) return null;
    if (node.op === "Sum") {
      const { axis, keepDims } = node.attributes;
      const rows = node.inputs[0] as ValueId;
      return `${axis}` === "0" && !keepDims && editor.shape(rows).length === 2 ? [rows] : null;
    }
    const product = productOf(editor, node);
    if (product === null || !product.transposeLeft || product.transposeRight || product.bias !== null)
      return null;
    const { columns, inner, rows } = sizesOf(editor, product);
    const isWorthwhile = inner * (rows + columns) <= copiesPerNumber * rows * columns;
    return isWorthwhile ? [product.left, product.right] : null;
  };

  const stacked = (terms: readonly Term[], layer: string | null): ValueId => {
    const ordered = stacks.order(terms);
    const [left, right] = ordered[0].map((_, i) =>
      concat(
        editor,
        ordered.map((term) => term[i] as ValueId),
        0,
        layer,
      ),
    );
    if (right !== undefined) {
      return multiply(editor, { left, right, transposeLeft: true, transposeRight: false, bias: null }, layer);
    }
    const type = { dtype: "float32", shape: editor.shape(left).slice(1) } as const;
    return editor.call("Sum", [left], [type], { axis: [0], keepDims: false }, layer)[0];
  };

  const sums = graph.nodes
    .filter((node) => isSum(node) && !isSum(uses.soleReader(node.outputs[0])))
    .map((root) => ({ root, values: addends(root) }))
    .map(({ root, values }) => ({ root, values, terms: values.map(termOf) }));
  // Products first: they know better in which order to stack.
  const rank = ({ terms }: { readonly terms: readonly (Term | null)[] }) =>
    terms.some((term) => term?.length === 2) ? 0 : 1;
  for (const { root, terms, values } of sums.toSorted((a, b) => rank(a) - rank(b))) {
    const others = values.filter((_, i) => terms[i] === null);
    const kept: readonly Term[] = terms.filter((term) => term !== null);
    if (kept.length < 2) continue;
    const { layer } = root;
    const total = others.reduce((sum, value) => add(editor, sum, value, layer), stacked(kept, layer));
    editor.replace(root.outputs[0], total);
  }
  return editor.graph();
}
