/** Who reads the values of a graph. */
import type { Graph, GraphNode, ValueId } from "../graph.ts";

export class GraphUses {
  readonly #readers = new Map<ValueId, GraphNode[]>();
  readonly #outputs: ReadonlySet<ValueId>;

  constructor({ nodes, outputs: { gradients, loss, predictions, state } }: Graph) {
    this.#outputs = new Set([loss, ...predictions, ...gradients, ...state]);
    for (const node of nodes) {
      for (const input of new Set(node.inputs)) {
        if (input === null) continue;
        const readers = this.#readers.get(input);
        if (readers === undefined) this.#readers.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  /** The one call that reads a value; null for outputs of the graph, and where several calls read it. */
  soleReader(value: ValueId): GraphNode | null {
    const readers = this.#readers.get(value) ?? [];
    return readers.length === 1 && !this.#outputs.has(value) ? readers[0] : null;
  }
}
