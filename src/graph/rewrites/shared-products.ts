/**
 * Products of several matrices with the same one become one product of their stack: [a₁; a₂; …]·W = [a₁·W; a₂·W; …].
 *
 * That is how the inputs of all steps of a sequence meet a kernel, and their gradients meet it again. Those that need the
 * result of another one, as the states of a recurrent layer do, are left as they are. A vector that is added to
 * each of the products is added to the stack.
 */
import type { Graph, GraphNode, ValueId } from "../graph.ts";
import { concat, split } from "./arrange.ts";
import { GraphEditor } from "./graph-editor.ts";
import { GraphUses } from "./graph-uses.ts";
import { multiply, productOf, sizesOf } from "./product.ts";
import { RowStacks } from "./row-stacks.ts";

/** A product of more rows than this is as fast alone. */
const mostRows = 128;

export function sharedProducts(graph: Graph): Graph {
  // A merge changes what depends on what, so the next one looks at its result.
  let current = graph;
  for (let next = mergeOnce(current); next !== null; next = mergeOnce(current)) current = next;
  return current;
}

/** The graph with one group of products merged, or null if there is none. */
function mergeOnce(graph: Graph): Graph | null {
  const editor = new GraphEditor(graph);
  for (const sharing of candidates(graph, editor)) {
    const group = independent(graph, sharing);
    if (group.length < 2) continue;
    merge(graph, editor, group);
    return editor.graph();
  }
  return null;
}

/** Calls that multiply from the right by the same matrix, two or more each. */
function candidates(graph: Graph, editor: GraphEditor): GraphNode[][] {
  const byRight = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    const product = productOf(editor, node);
    if (product === null || product.transposeLeft || sizesOf(editor, product).rows > mostRows) continue;
    const key = `${product.right} ${product.transposeRight} ${product.bias}`;
    byRight.set(key, [...(byRight.get(key) ?? []), node]);
  }
  return [...byRight.values()].filter(({ length }) => length > 1);
}

/** The largest group among calls of which none depends on another. */
function independent({ nodes }: Graph, calls: readonly GraphNode[]): GraphNode[] {
  // How many of the calls lie on the longest way to a value: two with as many cannot depend on each other.
  const depths = new Map<ValueId, number>();
  const levels = new Map<number, GraphNode[]>();
  const members = new Set(calls);
  for (const node of nodes) {
    const depth = node.inputs.reduce<number>(
      (most, input) => Math.max(most, depths.get(input as ValueId) ?? 0),
      0,
    );
    const isMember = members.has(node);
    if (isMember) levels.set(depth, [...(levels.get(depth) ?? []), node]);
    for (const output of node.outputs) depths.set(output, isMember ? depth + 1 : depth);
  }
  return [...levels.values()].reduce((largest, level) => (level.length > largest.length ? level : largest));
}

function merge(graph: Graph, editor: GraphEditor, group: readonly GraphNode[]): void {
  const [{ layer }] = group;
  const lefts = group.map((node) => [node.inputs[0] as ValueId, node.outputs[0]] as const);
  const ordered = new RowStacks(graph).order(lefts);
  const product = productOf(editor, group[0]);
  if (product === null) return;
  const added = product.bias === null ? commonVector(graph, editor, group) : null;
  const left = concat(
    editor,
    ordered.map(([value]) => value),
    0,
    layer,
  );
  const all = multiply(editor, { ...product, left, bias: product.bias ?? added?.vector ?? null }, layer);
  const sizes = ordered.map(([value]) => editor.shape(value)[0]);
  for (const [i, part] of split(editor, all, sizes, 0, layer).entries()) editor.replace(ordered[i][1], part);
  for (const { rest, sum } of added?.sums ?? []) editor.replace(sum, rest);
}

interface Addition {
  readonly vector: ValueId;
  /** The sum with the vector, and what it is added to. */
  readonly sum: ValueId;
  readonly rest: ValueId;
}

/** The vector that is added to each of the calls' results, there or after one more addition; null if there is none. */
function commonVector(
  graph: Graph,
  editor: GraphEditor,
  group: readonly GraphNode[],
): { readonly vector: ValueId; readonly sums: readonly Addition[] } | null {
  const uses = new GraphUses(graph);
  const isMade = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const addition = (value: ValueId, further: number): Addition | null => {
    const reader = uses.soleReader(value);
    if (reader?.op !== "Add") return null;
    const [sum] = reader.outputs;
    if (`${editor.shape(sum)}` !== `${editor.shape(value)}`) return null;
    const other = reader.inputs.find((input) => input !== value) as ValueId | undefined;
    if (other === undefined) return null;
    const columns = editor.shape(value).slice(-1);
    if (`${editor.shape(other)}` === `${columns}` && !isMade.has(other))
      return { vector: other, sum, rest: value };
    return further > 0 ? addition(sum, further - 1) : null;
  };
  const sums = group.map(({ outputs }) => addition(outputs[0], 1));
  const [first] = sums;
  if (first === null) return null;
  const same = sums.filter((found): found is Addition => found?.vector === first.vector);
  return same.length === group.length ? { vector: first.vector, sums: same } : null;
}
