/**
 * The kernels that make numbers from nothing: `tf.range` and `tf.linspace`.
 *
 * What they give depends on their attributes alone, so that a trace has TensorFlow.js compute it once and keeps constants:
 * the same bits on every engine, and the same length (a range that goes down has a step of 1 turned round).
 */
import type { KernelAttributes } from "./shape-rules.ts";
import { tf } from "./tf.ts";

/** Names of these kernels. Many equal numbers, `Fill`, are a kernel of the graph: constants of its size would be stored. */
export const sourceKernels: ReadonlySet<string> = new Set(["Range", "LinSpace"]);

/** What such a kernel gives on the backend `cpu`. */
export function computeSource(
  kernelName: string,
  attrs: KernelAttributes,
): Pick<tf.TensorInfo, "dtype" | "shape"> & { readonly values: tf.backend_util.BackendValues } {
  const backend = tf.findBackend("cpu") as tf.KernelBackend;
  const kernel = tf.getKernel(kernelName, "cpu") as tf.KernelConfig;
  const info = kernel.kernelFunc({ inputs: {}, attrs: attrs as tf.NamedAttrMap, backend }) as tf.TensorInfo;
  try {
    return { dtype: info.dtype, shape: info.shape, values: backend.readSync(info.dataId) };
  } finally {
    backend.disposeData(info.dataId);
  }
}
