/**
 * How a backend of TensorFlow.js computes a kernel call: itself, out of other kernels, or not, so that `cpu` does.
 *
 * TensorFlow.js moves tensors between backends by itself, so that a program may change them from kernel to kernel.
 */
import type { GraphNode, TensorType } from "../graph/graph.ts";
import { type Composition, composition } from "./composed-kernels.ts";
import { tensorflowBackend } from "./tensorflow.ts";
import { isTensorflowMistaken } from "./tensorflow-mistakes.ts";
import { tf } from "./tf.ts";
import { wasmBackend } from "./wasm.ts";
import { isWasmMistaken } from "./wasm-mistakes.ts";

export interface KernelPlan {
  readonly backend: string;
  /** Instead of calling the kernel. */
  readonly compose: Composition | null;
}

/** The backend that has every kernel of a trace. */
const fallback = "cpu";

/** Plans one kernel call for the backend `wanted`. @param values Types of the graph's values. */
export function planKernel(node: GraphNode, values: readonly TensorType[], wanted: string): KernelPlan {
  if (isMistaken(node, values, wanted)) return { backend: fallback, compose: null };
  const compose = wanted === wasmBackend ? composition(node) : null;
  const isThere = compose !== null || tf.getKernel(node.op, wanted) !== undefined;
  return { backend: isThere ? wanted : fallback, compose };
}

function isMistaken(node: GraphNode, values: readonly TensorType[], wanted: string): boolean {
  if (wanted === wasmBackend) return isWasmMistaken(node, values);
  return wanted === tensorflowBackend && isTensorflowMistaken(node, values);
}
