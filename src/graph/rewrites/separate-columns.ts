/**
 * A product that is split into columns becomes one product for each of them: split(A·B + c) = A·split(B) + split(c).
 *
 * The gates of a recurrent layer come as one product that is cut up at every step. It is cheaper to cut the kernels up
 * once; and a product that leads to one activation alone can be computed together with it.
 */
import type { Graph, GraphNode, ValueId } from "../graph.ts";
import { split } from "./arrange.ts";
import { GraphEditor } from "./graph-editor.ts";
import { GraphUses } from "./graph-uses.ts";
import { add, multiply, productOf } from "./product.ts";

/** Narrower columns would leave lanes of the processor's vectors empty. */
const leastColumns = 16;

export function separateColumns(graph: Graph): Graph {
  const columns = new Columns(graph);
  for (const node of graph.nodes) {
    if (node.op !== "SplitV" || node.attributes.axis !== 1) continue;
    const sizes = node.outputs.map((output) => graph.values[output].shape[1]);
    if (graph.values[node.outputs[0]].shape.length !== 2 || Math.min(...sizes) < leastColumns) continue;
    const parts = columns.of(node.inputs[0] as ValueId, sizes);
    for (const [i, part] of parts?.entries() ?? []) columns.editor.replace(node.outputs[i], part);
  }
  return columns.editor.graph();
}

/** Matrices as columns that are computed one by one. */
class Columns {
  readonly editor: GraphEditor;
  readonly #uses: GraphUses;
  readonly #known = new Map<string, readonly ValueId[] | null>();

  constructor(graph: Graph) {
    this.editor = new GraphEditor(graph);
    this.#uses = new GraphUses(graph);
  }

  /** The columns of a matrix that is not read as a whole, or of a vector; null where computing them apart saves nothing. */
  of(value: ValueId, sizes: readonly number[]): readonly ValueId[] | null {
    const key = `${value} ${sizes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#make(value, sizes);
    this.#known.set(key, made);
    return made;
  }

  #make(value: ValueId, sizes: readonly number[]): readonly ValueId[] | null {
    const node = this.editor.producer(value);
    if (node === undefined || this.#uses.soleReader(value) === null) return null;
    if (node.op === "Add") return this.#ofSum(node, sizes);
    if (node.op === "SplitV") return this.#ofRows(value, node, sizes);
    if (node.op === "GatherV2") return this.#ofGather(node, sizes);
    return this.#ofProduct(node, sizes);
  }

  #ofProduct(node: GraphNode, sizes: readonly number[]): readonly ValueId[] | null {
    const product = productOf(this.editor, node);
    if (product === null) return null;
    const { bias, right, transposeRight } = product;
    const rights = split(this.editor, right, sizes, transposeRight ? 0 : 1, node.layer);
    const biases = bias === null ? null : split(this.editor, bias, sizes, 0, node.layer);
    return rights.map((part, i) =>
      multiply(this.editor, { ...product, right: part, bias: biases?.[i] ?? null }, node.layer),
    );
  }

  #ofSum(node: GraphNode, sizes: readonly number[]): readonly ValueId[] | null {
    const [left, right] = node.inputs as [ValueId, ValueId];
    if (`${this.editor.shape(left)}` !== `${this.editor.shape(right)}`) return null;
    const [lefts, rights] = [this.of(left, sizes), this.of(right, sizes)];
    if (lefts === null || rights === null) return null;
    return lefts.map((part, i) => add(this.editor, part, rights[i], node.layer));
  }

  /** Of some of the rows of a matrix. */
  #ofRows(value: ValueId, node: GraphNode, sizes: readonly number[]): readonly ValueId[] | null {
    const whole = node.attributes.axis === 0 ? this.of(node.inputs[0] as ValueId, sizes) : null;
    const rows = node.outputs.map((output) => this.editor.shape(output)[0]);
    const at = node.outputs.indexOf(value);
    return whole?.map((part) => split(this.editor, part, rows, 0, node.layer)[at]) ?? null;
  }

  #ofGather(node: GraphNode, sizes: readonly number[]): readonly ValueId[] | null {
    const [table, indices] = node.inputs as [ValueId, ValueId];
    const isOfRows = this.editor.shape(table).length === 2 && this.editor.shape(indices).length === 1;
    if (!isOfRows || Number(node.attributes.axis) !== 0 || node.attributes.batchDims) return null;
    const [count] = this.editor.shape(indices);
    return (
      this.of(table, sizes)?.map((part, i) => {
        const type = { dtype: "float32", shape: [count, sizes[i]] } as const;
        return this.editor.call("GatherV2", [part, indices], [type], node.attributes, node.layer)[0];
      }) ?? null
    );
  }
}
