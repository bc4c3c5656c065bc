/**
 * Collects ONNX nodes and constants under fresh names. Knows ONNX, knows nothing of TensorFlow.js.
 */
import { createHash } from "node:crypto";
import type { DType } from "../graph/graph.ts";
import { inExecutionOrder } from "./execution-order.ts";
import type {
  ElementType,
  OnnxAttribute,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from "./model-proto.ts";

/** Standard operator set that every lowering is written for. */
const opset = 18;

/** Version of every other set of operators. */
const otherOpset = 1;

export class OnnxBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  /** Outputs of every call so far, by all that determines them. */
  readonly #known = new Map<string, string[]>();
  /** What each reshaped tensor was before, and the shapes of tensors that are known. */
  readonly #reshaped = new Map<string, string>();
  readonly #shapes = new Map<string, string>();
  #names = 0;

  input(name: string, type: ElementType, shape: readonly number[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** Makes `name` an output of the model under the name `as`. */
  output(as: string, name: string, type: ElementType, shape: readonly number[]): void {
    this.#nodes.push({ op: "Identity", domain: "", inputs: [name], outputs: [as], attributes: {} });
    this.#outputs.push({ name: as, type, shape });
  }

  /**
   * Adds a node with one output and returns the output's name. An absent optional input is "".
   *
   * @param domain Of the operator; the standard one without.
   */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
    domain = "",
  ): string {
    return this.nodes(op, inputs, 1, attributes, domain)[0];
  }

  /** Adds a node with several outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Record<string, OnnxAttribute> = {},
    domain = "",
  ): string[] {
    const key = JSON.stringify([domain, op, inputs, outputCount, attributes]);
    const known = this.#known.get(key);
    // The same call on the same inputs is made once.
    if (known !== undefined) return known;
    const outputs = Array.from({ length: outputCount }, () => `v${this.#names++}`);
    this.#nodes.push({ op, domain, inputs, outputs, attributes });
    this.#known.set(key, outputs);
    return outputs;
  }

  /** An int64 vector, as shapes, axes and slice bounds are given. */
  ints(values: readonly number[]): string {
    return this.#constant("int64", [values.length], BigInt64Array.from(values, BigInt));
  }

  int64(value: number): string {
    return this.#constant("int64", [], BigInt64Array.of(BigInt(value)));
  }

  scalar(value: number, type: DType = "float32"): string {
    const values = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[type].of(value);
    return this.#constant(type, [], values);
  }

  /** A tensor of one number. */
  filled(value: number, type: DType, shape: readonly number[]): string {
    const scalar = this.scalar(value, type);
    return shape.length === 0 ? scalar : this.node("Expand", [scalar, this.ints(shape)]);
  }

  floats(values: Float32Array, shape: readonly number[]): string {
    return this.#constant("float32", shape, values);
  }

  /** int32 indices for Gather. */
  indices(values: Int32Array, shape: readonly number[]): string {
    return this.#constant("int32", shape, values);
  }

  bools(values: Uint8Array, shape: readonly number[]): string {
    return this.#constant("bool", shape, values);
  }

  /** A tensor in another shape of as many elements: reshapes of reshapes are one, and none where it comes back. */
  reshape(name: string, shape: readonly number[]): string {
    const origin = this.#reshaped.get(name) ?? name;
    if (this.#shapes.get(origin) === `${shape}`) return origin;
    // A size of 0 would otherwise stand for the size that there was.
    const attributes = shape.includes(0) ? { allowzero: 1 } : {};
    const reshaped = this.node("Reshape", [origin, this.ints(shape)], attributes);
    this.#reshaped.set(reshaped, origin);
    return reshaped;
  }

  /** Tells the shape of a tensor, so that {@link reshape} knows when it comes back to it. */
  shaped(name: string, shape: readonly number[]): string {
    this.#shapes.set(name, `${shape}`);
    return name;
  }

  /** Rows `from` … `to` − 1, every `step`-th, of one or more axes. */
  slice(name: string, ranges: readonly { axis: number; from: number; to: number; step?: number }[]): string {
    return this.node("Slice", [
      name,
      this.ints(ranges.map(({ from }) => from)),
      this.ints(ranges.map(({ to }) => to)),
      this.ints(ranges.map(({ axis }) => axis)),
      this.ints(ranges.map(({ step }) => step ?? 1)),
    ]);
  }

  /** The part of a tensor of shape `from` that begins at `offset` and has the shape `to`. */
  crop(name: string, from: readonly number[], offset: readonly number[], to: readonly number[]): string {
    const axes = to.flatMap((size, axis) => (size === from[axis] ? [] : [axis]));
    if (axes.length === 0) return name;
    return this.slice(
      name,
      axes.map((axis) => ({ axis, from: offset[axis], to: offset[axis] + to[axis] })),
    );
  }

  /** Adds `before[i]` and `after[i]` elements of `value` around axis i. */
  pad(
    name: string,
    before: readonly number[],
    after: readonly number[],
    value = 0,
    type: DType = "float32",
  ): string {
    if ([...before, ...after].every((count) => count === 0)) return name;
    return this.node("Pad", [name, this.ints([...before, ...after]), this.scalar(value, type)]);
  }

  /** A constant with a name of its own, such as a trained weight. */
  weight(name: string, values: Float32Array, shape: readonly number[]): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.set(`weight ${name}`, { name, type: "float32", shape, bytes });
    return name;
  }

  /** Equal constants are stored once. */
  #constant(
    type: ElementType,
    shape: readonly number[],
    values: Float32Array | Int32Array | BigInt64Array | Uint8Array,
  ): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const content = bytes.length <= 64 ? bytes.join() : createHash("sha256").update(bytes).digest("base64");
    const key = `${type}[${shape}]${content}`;
    const known = this.#initializers.get(key);
    if (known !== undefined) return known.name;
    const name = `c${this.#initializers.size}`;
    this.#initializers.set(key, { name, type, shape, bytes });
    return name;
  }

  /** The finished model, without what no output depends on. */
  build(): OnnxModel {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    const nodes = this.#nodes
      .toReversed()
      .filter(({ inputs, outputs }) => {
        if (!outputs.some((output) => needed.has(output))) return false;
        for (const input of inputs) needed.add(input);
        return true;
      })
      .reverse();
    return {
      nodes: inExecutionOrder(nodes),
      initializers: [...this.#initializers.values()].filter(({ name }) => needed.has(name)),
      inputs: this.#inputs,
      outputs: this.#outputs,
      opsets: Object.fromEntries([
        ["", opset],
        ...nodes.filter(({ domain }) => domain !== "").map(({ domain }) => [domain, otherOpset] as const),
      ]),
    };
  }
}
