/** The door to TensorFlow.js's kernels in WebAssembly. Loaded by a thread that opens the engine `tfjs`, and by no other. */
import { tf } from "./tf.ts";

/** Name of the backend. */
export const wasmBackend = "wasm";

/** Starts the backend on this thread; the current backend stays what it is. */
export async function loadWasm(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  const current = tf.getBackend();
  await tf.setBackend(wasmBackend);
  if (current) await tf.setBackend(current);
}
