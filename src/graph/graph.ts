/**
 * The traced program: one directed acyclic graph of TensorFlow.js kernels for loss, predictions and gradients.
 *
 * Owns the types only. `tfjs/trace.ts` makes a graph, `graph/interpreter.ts` runs it slowly, `onnx/` lowers it.
 * A graph is plain data (structured-cloneable), made for ONE batch size; another batch size is another graph.
 * Kernel names, attribute names and layouts (NHWC, HWIO) are those of @tensorflow/tfjs-core 4.22.
 */

export type DType = "float32" | "int32" | "bool";

/** A dense tensor's type. `shape` is fully known, batch dimension included. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Index into {@link Graph.values}. */
export type ValueId = number;

/** Host data of a constant; `bool` as 0/1 bytes. */
export type ConstantData = Float32Array | Int32Array | Uint8Array;

/** An attribute of a kernel, as TF.js passes it to the kernel (`strides`, `pad`, `axis`, `transposeA`, ...). */
export type Attribute =
  | number
  | string
  | boolean
  | null
  | undefined
  | readonly Attribute[]
  | { readonly [key: string]: Attribute };

/** One kernel call. */
export interface GraphNode {
  /**
   * TF.js kernel name (`Conv2D`, `_FusedMatMul`, ...), or one of the two random operators
   * `RandomUniform` {minval, maxval} and `RandomNormal` {mean, stdDev, truncated}, which have no inputs and
   * draw anew at every run.
   */
  readonly op: string;
  /** In the kernel's own input order; an absent optional input is `null`. */
  readonly inputs: readonly (ValueId | null)[];
  readonly outputs: readonly ValueId[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Name of the tf.layers layer that made this call (forward pass), null where unknown. */
  readonly layer: string | null;
}

/** A variable: a slice of the flat vector of parameters, or of state. Slices are in order, without gaps. */
export interface Parameter {
  /** As in the model, e.g. "conv2d/kernel". */
  readonly name: string;
  readonly value: ValueId;
  /** First element in the flat vector, and number of elements. */
  readonly offset: number;
  readonly length: number;
}

export interface GraphInput {
  readonly name: string;
  readonly value: ValueId;
}

export interface Graph {
  readonly batchSize: number;
  /** Type of each value; the index is the {@link ValueId}. */
  readonly values: readonly TensorType[];
  /** The minibatch: `[B, ...]` for each input of the model, and what its outputs are compared with. */
  readonly features: readonly GraphInput[];
  readonly labels: readonly GraphInput[];
  /** The variables that are trained. */
  readonly parameters: readonly Parameter[];
  /** The variables that a training step assigns without a gradient, such as the moving statistics of batch normalization. */
  readonly state: readonly Parameter[];
  readonly constants: ReadonlyMap<ValueId, ConstantData>;
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  readonly outputs: {
    /** Scalar mean loss of the minibatch. */
    readonly loss: ValueId;
    /** The model's outputs, `[B, ...]` each. */
    readonly predictions: readonly ValueId[];
    /** One per parameter, in order; empty in a graph for evaluation. */
    readonly gradients: readonly ValueId[];
    /** What a training step assigns to each variable of the state, in order; empty in a graph for evaluation. */
    readonly state: readonly ValueId[];
  };
}
