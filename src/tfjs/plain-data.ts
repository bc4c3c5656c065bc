/** Types, numbers and attributes of TensorFlow.js as the plain data that a graph is made of. */
import { cannot, YfError } from "../errors.ts";
import type { Attribute, ConstantData, DType, TensorType } from "../graph/graph.ts";
import type { KernelAttributes } from "./shape-rules.ts";
import type { tf } from "./tf.ts";

/**
 * The type of a tensor.
 *
 * @throws {YfError} `NO_TRACE` for complex numbers and text.
 */
export function tensorType({ shape, dtype }: tf.TensorInfo, layer: string | null): TensorType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return { shape, dtype };
  const rule = "every tensor must be of numbers, float32, int32 or bool";
  const received = `${dtype} ${layer === null ? "outside of any layer" : `in layer ${layer}`}`;
  throw new YfError("NO_TRACE", cannot("trace the model", rule, received), { layer, dtype });
}

/** A copy of host data in the array type of its dtype. */
export function hostCopy(values: tf.backend_util.BackendValues, dtype: DType): ConstantData {
  const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
  return new arrays[dtype](values as Float32Array);
}

/** A copy of attributes: TF.js reuses its arrays, and passes typed arrays too. */
export function plainAttributes(attributes: KernelAttributes): Record<string, Attribute> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, plain(value)]));
}

function plain(value: unknown): Attribute {
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as Int32Array);
  if (typeof value === "object" && value !== null) return plainAttributes(value as KernelAttributes);
  return value as Attribute;
}
