/**
 * What a lowering is: the translation of one kernel call into ONNX nodes, and the program it adds to.
 *
 * A value may exist in two physical forms. `plain` is the row-major tensor that TensorFlow.js would have. `phases` is
 * made for convolutions that are followed by a 2×2 max-pool: the four tensors of even and odd rows and columns,
 * without the bias, which commutes with the maximum. A form is made when somebody first asks for it.
 */
import type { DType, Graph, GraphNode, TensorType, ValueId } from "../graph/graph.ts";
import type { OnnxBuilder } from "./builder.ts";

/** A value `[B, H, W, C]` as four tensors `[B, H/2, W/2, C]`: (even, even), (even, odd), (odd, even), (odd, odd). */
export interface Phases {
  readonly tensors: readonly [string, string, string, string];
  /** Vector `[C]` still to be added to every element, or null. */
  readonly bias: string | null;
}

export type Lowering = (program: LoweringProgram, node: GraphNode) => void;

/** The ONNX program in the making, with questions about the graph that it is made from. */
export class LoweringProgram {
  readonly graph: Graph;
  readonly builder: OnnxBuilder;
  readonly portable: boolean;
  readonly #names = new Map<ValueId, string>();
  readonly #pending = new Map<ValueId, () => string>();
  readonly #sources = new Map<ValueId, ValueId>();
  readonly #phases = new Map<ValueId, Phases>();
  readonly #producers = new Map<ValueId, GraphNode>();
  readonly #consumers = new Map<ValueId, GraphNode[]>();
  readonly #cache = new Map<string, unknown>();

  /** @param form Whether the program is for any ONNX runtime, device and size of minibatch, not for speed on the CPU. */
  constructor(
    graph: Graph,
    builder: OnnxBuilder,
    { portable = false }: { readonly portable?: boolean } = {},
  ) {
    this.graph = graph;
    this.builder = builder;
    this.portable = portable;
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
      for (const input of node.inputs) {
        if (input !== null) this.#consumers.set(input, [...(this.#consumers.get(input) ?? []), node]);
      }
    }
  }

  type(value: ValueId): TensorType {
    return this.graph.values[value];
  }

  shape(value: ValueId): readonly number[] {
    return this.type(value).shape;
  }

  dtype(value: ValueId): DType {
    return this.type(value).dtype;
  }

  /** The call that made a value; undefined for inputs, parameters and constants. */
  producer(value: ValueId): GraphNode | undefined {
    return this.#producers.get(value);
  }

  consumers(value: ValueId): readonly GraphNode[] {
    return this.#consumers.get(value) ?? [];
  }

  /** The plain form of a value, made now if it was only promised. */
  plain(value: ValueId): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const make = this.#pending.get(value);
    if (make === undefined) throw new RangeError(`value ${value} is used before it is made`);
    const name = make();
    this.#names.set(value, name);
    return name;
  }

  isSet(value: ValueId): boolean {
    return this.#names.has(value) || this.#pending.has(value);
  }

  isOutput(value: ValueId): boolean {
    const { gradients, loss, predictions, state } = this.graph.outputs;
    return [loss, ...predictions, ...gradients, ...state].includes(value);
  }

  /** Makes `value` a reshape of `source`, written only when its plain form is asked for. */
  alias(value: ValueId, source: ValueId): void {
    this.#sources.set(value, this.unreshaped(source));
    this.#pending.set(value, () => this.reshaped(source, this.shape(value)));
  }

  /** The value behind all reshapes. */
  unreshaped(value: ValueId): ValueId {
    return this.#sources.get(value) ?? value;
  }

  /** The plain form of `value` in another shape of as many elements, with one reshape at most. */
  reshaped(value: ValueId, shape: readonly number[]): string {
    const source = this.unreshaped(value);
    if (`${this.shape(source)}` === `${shape}`) return this.plain(source);
    return this.once(`reshape ${source} ${shape}`, () => this.builder.reshape(this.plain(source), shape));
  }

  /** A value with the same sums over rows as `value`, but fewer rows: what came into the gradient of a max-pool. */
  sumSource(value: ValueId): ValueId {
    const producer = this.producer(value);
    if (producer?.op !== "MaxPoolGrad" || this.#phases.get(value) === undefined) return value;
    return producer.inputs[0] as ValueId;
  }

  /** Gives a value its plain form. */
  set(value: ValueId, name: string): void {
    this.#names.set(value, name);
  }

  /** Gives a value a way to make its plain form if anybody asks for that. */
  promise(value: ValueId, plain: () => string): void {
    this.#pending.set(value, plain);
  }

  /** Gives a value four phases, and a way to make the plain form if anybody asks for that. */
  setPhases(value: ValueId, phases: Phases, plain: () => string): void {
    this.#phases.set(value, phases);
    this.#pending.set(value, plain);
  }

  phases(value: ValueId): Phases | undefined {
    return this.#phases.get(value);
  }

  /** Makes something once per key: windows shared by a convolution and its filter gradient, for example. */
  once<T>(key: string, make: () => T): T {
    if (!this.#cache.has(key)) this.#cache.set(key, make());
    return this.#cache.get(key) as T;
  }
}
