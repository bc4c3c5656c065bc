/**
 * The one door to TensorFlow.js: every other file imports `tf` and `layers` from here.
 *
 * Registers the `cpu` backend, so that a model can be built and its weights read wherever this package runs. A
 * worker thread gets a traced program and loads this file only for the engine `tfjs`.
 */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as core from "@tensorflow/tfjs-core";

export * as tf from "@tensorflow/tfjs-core";
export * as layers from "@tensorflow/tfjs-layers";

type Operation = (x: core.Tensor, ...rest: unknown[]) => core.Tensor;

/**
 * The tensor methods that tf.layers itself calls (in its orthogonal initializer, the default of recurrent layers), and
 * those in the gradients of cloned tensors and of a gather within batches. The
 * umbrella package `@tensorflow/tfjs` defines them; the Node build of tfjs-core has the operations, not the methods.
 */
const methods: Readonly<Record<string, Operation>> = {
  clone: core.clone as Operation,
  flatten: (x) => core.reshape(x, [x.size]),
  reshape: core.reshape as Operation,
  slice: core.slice as Operation,
  split: core.split as unknown as Operation,
  sign: core.sign as Operation,
  stridedSlice: core.stridedSlice as Operation,
  transpose: core.transpose as Operation,
};
const prototype = core.Tensor.prototype as unknown as Record<string, unknown>;
for (const [name, operation] of Object.entries(methods)) {
  prototype[name] ??= function (this: core.Tensor, ...rest: unknown[]) {
    return operation(this, ...rest);
  };
}

// The backend prints an advertisement for tfjs-node at its first use, in the middle of our own output.
Object.defineProperty(MathBackendCPU.prototype, "firstUse", { get: () => false, set: () => undefined });
