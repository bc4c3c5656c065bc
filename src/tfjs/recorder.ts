/**
 * The program being recorded: values, nodes and constants in the order in which TensorFlow.js made them.
 *
 * Owns the numbering of values and the place of a call (which layer). `trace-backend.ts` fills it,
 * `prune.ts` turns it into a graph.
 */
import type { Attribute, ConstantData, GraphNode, TensorType, ValueId } from "../graph/graph.ts";

/** Host data that entered the program, and the tf op that made it (`randomUniform`, `scalar`, ...). */
export interface RecordedConstant {
  readonly data: ConstantData;
  readonly op: string;
  readonly layer: string | null;
}

export class Recorder {
  readonly values: TensorType[] = [];
  readonly nodes: GraphNode[] = [];
  readonly constants = new Map<ValueId, RecordedConstant>();
  /** Name of the layer whose call is running, innermost last. */
  readonly layers: string[] = [];
  /** Names of the tf ops that are running, innermost last. */
  readonly ops: string[] = [];

  get layer(): string | null {
    return this.layers.at(-1) ?? null;
  }

  /** Adds a value that no node makes: an input, a parameter or a constant. */
  value(type: TensorType): ValueId {
    return this.values.push({ dtype: type.dtype, shape: [...type.shape] }) - 1;
  }

  constant(type: TensorType, data: ConstantData): ValueId {
    const id = this.value(type);
    this.constants.set(id, { data, op: this.ops.at(-1) ?? "tensor", layer: this.layer });
    return id;
  }

  node(
    op: string,
    inputs: readonly (ValueId | null)[],
    outputs: readonly TensorType[],
    attributes: Readonly<Record<string, Attribute>>,
  ): readonly ValueId[] {
    const ids = outputs.map((type) => this.value(type));
    this.nodes.push({ op, inputs, outputs: ids, attributes, layer: this.layer });
    return ids;
  }
}
