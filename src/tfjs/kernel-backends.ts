/**
 * Which backend of TensorFlow.js computes a kernel: the wanted one, or `cpu` for what that one lacks.
 *
 * TensorFlow.js moves tensors between backends by itself, so that a program may change them from kernel to kernel.
 */
import type { GraphNode } from "../graph/graph.ts";
import { tensorflowBackend } from "./tensorflow.ts";
import { tf } from "./tf.ts";

/** The backend that has every kernel of a trace. */
const fallback = "cpu";

/** The backend for one kernel call, `wanted` if it computes what TensorFlow.js defines. */
export function kernelBackend({ attributes, op }: GraphNode, wanted: string): string {
  if (!tf.getKernel(op, wanted)) return fallback;
  return wanted === tensorflowBackend && isRefused(attributes) ? fallback : wanted;
}

/** @tensorflow/tfjs-node 4.22 throws at convolutions and pools that are padded by numbers. */
function isRefused({ pad }: GraphNode["attributes"]): boolean {
  return typeof pad === "number" || Array.isArray(pad);
}
