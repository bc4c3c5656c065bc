/**
 * A graph in the hands of a rewrite: calls are added anywhere, values replaced, and a sorted graph comes out.
 *
 * Knows nothing of what kernels mean. Inputs, parameters, constants and random draws keep their ids and their order.
 */
import type { Attribute, Graph, GraphNode, TensorType, ValueId } from "../graph.ts";
import { isRandom } from "../kernels/random.ts";

export class GraphEditor {
  readonly #graph: Graph;
  readonly #values: TensorType[];
  readonly #nodes: GraphNode[] = [];
  readonly #producers = new Map<ValueId, GraphNode>();
  /** Outputs of every call so far, by all that determines them. */
  readonly #known = new Map<string, readonly ValueId[]>();
  readonly #replacements = new Map<ValueId, ValueId>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#values = [...graph.values];
    for (const node of graph.nodes) this.#insert(node);
  }

  type(value: ValueId): TensorType {
    return this.#values[value];
  }

  shape(value: ValueId): readonly number[] {
    return this.type(value).shape;
  }

  /** The call that makes a value; undefined for inputs, parameters and constants. */
  producer(value: ValueId): GraphNode | undefined {
    return this.#producers.get(this.resolve(value));
  }

  /** What stands for a value now. */
  resolve(value: ValueId): ValueId {
    let current = value;
    for (let next = this.#replacements.get(current); next !== undefined; ) {
      current = next;
      next = this.#replacements.get(current);
    }
    return current;
  }

  /** What stands for the inputs of a call now; for calls without optional inputs that are absent. */
  inputs(node: GraphNode): ValueId[] {
    return node.inputs.map((input) => this.resolve(input as ValueId));
  }

  /** Adds a call, or finds the same call on the same inputs. */
  call(
    op: string,
    inputs: readonly (ValueId | null)[],
    outputs: readonly TensorType[],
    attributes: Readonly<Record<string, Attribute>>,
    layer: string | null,
  ): readonly ValueId[] {
    const resolved = inputs.map((input) => (input === null ? null : this.resolve(input)));
    const key = keyOf(op, resolved, attributes, outputs);
    const known = this.#known.get(key);
    if (known !== undefined) return known.map((value) => this.resolve(value));
    const ids = outputs.map((type) => this.#values.push(type) - 1);
    this.#insert({ op, inputs: resolved, outputs: ids, attributes, layer });
    return ids;
  }

  /** Lets `by`, of the same type, stand for `value` from now on; `by` must not depend on `value`. */
  replace(value: ValueId, by: ValueId): void {
    const [from, to] = [this.resolve(value), this.resolve(by)];
    if (from !== to) this.#replacements.set(from, to);
  }

  /** The graph as it is now: without what no output depends on, each call after those that it reads. */
  graph(): Graph {
    const resolved = (value: ValueId) => this.resolve(value);
    const { gradients, loss, predictions, state } = this.#graph.outputs;
    const outputs = {
      loss: resolved(loss),
      predictions: predictions.map(resolved),
      gradients: gradients.map(resolved),
      state: state.map(resolved),
    };
    const roots = [outputs.loss, ...outputs.predictions, ...outputs.gradients, ...outputs.state];
    return { ...this.#graph, values: this.#values, nodes: this.#sorted(roots), outputs };
  }

  #insert(node: GraphNode): void {
    this.#nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output, node);
    if (isRandom(node.op)) return;
    const types = node.outputs.map((output) => this.type(output));
    const key = keyOf(node.op, node.inputs, node.attributes, types);
    if (!this.#known.has(key)) this.#known.set(key, node.outputs);
  }

  /** Calls that `roots` depend on, in the order in which they were added as far as their inputs allow. */
  #sorted(roots: readonly ValueId[]): GraphNode[] {
    const live = this.#live(roots);
    const sorted: GraphNode[] = [];
    const placed = new Set<GraphNode>();
    for (const node of this.#nodes) {
      // Not by recursion: the calls of a long sequence make a long chain.
      const waiting = live.has(node) ? [node] : [];
      while (waiting.length > 0) {
        const next = waiting[waiting.length - 1];
        const missing = this.#read(next).filter((producer) => !placed.has(producer));
        if (missing.length > 0) {
          waiting.push(...missing);
          continue;
        }
        waiting.pop();
        if (placed.has(next)) continue;
        placed.add(next);
        const inputs = next.inputs.map((input) => (input === null ? null : this.resolve(input)));
        sorted.push({ ...next, inputs });
      }
    }
    return sorted;
  }

  #live(roots: readonly ValueId[]): Set<GraphNode> {
    // What is drawn is drawn, read or not, so that every draw keeps its number.
    const live = new Set(this.#nodes.filter(({ op }) => isRandom(op)));
    const waiting = roots.flatMap((root) => this.#producers.get(root) ?? []);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (live.has(node)) continue;
      live.add(node);
      waiting.push(...this.#read(node));
    }
    return live;
  }

  /** The calls whose outputs a call reads. */
  #read(node: GraphNode): GraphNode[] {
    return node.inputs.flatMap((input) => (input === null ? [] : (this.producer(input) ?? [])));
  }
}

function keyOf(
  op: string,
  inputs: readonly (ValueId | null)[],
  attributes: GraphNode["attributes"],
  outputs: readonly TensorType[],
): string {
  const types = outputs.map(({ dtype, shape }) => [dtype, shape]);
  return JSON.stringify([op, inputs, attributes, types], (_, value) =>
    // JSON writes null for what is not finite, and 0 for -0.
    Object.is(value, -0) ? "-0" : typeof value === "number" && !Number.isFinite(value) ? `${value}` : value,
  );
}
