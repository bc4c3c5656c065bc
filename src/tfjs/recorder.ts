/**
 * The program being recorded: values, nodes and constants in the order in which TensorFlow.js made them.
 *
 * Owns the numbering of values and the place of a call (which layer). `trace-backend.ts` fills it,
 * `prune.ts` turns it into a graph.
 */
import type { Attribute, ConstantData, GraphNode, TensorType, ValueId } from "../graph/graph.ts";
import { isRandomOp } from "./pin-randomness.ts";
import { hostCopy } from "./plain-data.ts";

/** Host data that entered the program, and the tf op that made it (`randomUniform`, `scalar`, ...). */
export interface RecordedConstant {
  readonly data: ConstantData;
  readonly op: string;
  readonly layer: string | null;
}

type HostValues = Parameters<typeof hostCopy>[0];

/** Fewer numbers than this are kept as they are. */
const uniformFrom = 64;

function isUniform(values: HostValues): boolean {
  if (values.length < uniformFrom) return false;
  const [first] = values;
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
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

  /**
   * Adds host data. Many equal numbers become a `Fill`: TF.js multiplies by whole tensors of ones in the gradients of sums
   * and means, and a deep network has hundreds of megabytes of them.
   */
  constant(type: TensorType, values: HostValues): ValueId {
    const op = this.ops.at(-1) ?? "tensor";
    if (!isRandomOp(op) && isUniform(values)) {
      const { dtype, shape } = type;
      return this.node("Fill", [], [type], { shape: [...shape], value: Number(values[0]), dtype })[0];
    }
    const id = this.value(type);
    this.constants.set(id, { data: hostCopy(values, type.dtype), op, layer: this.layer });
    return id;
  }

  /** Makes an input of what was taken for a constant. */
  release(id: ValueId): void {
    this.constants.delete(id);
    const fill = this.nodes.findIndex(({ outputs }) => outputs[0] === id);
    if (fill >= 0) this.nodes.splice(fill, 1);
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
