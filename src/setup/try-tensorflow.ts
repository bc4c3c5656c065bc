/** Whether a TensorFlow that was just built computes gradients in several threads at once: a program of its own. */
import { once } from "node:events";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { tryEngine } from "../engine/try-engine.ts";
import { loadTensorflow, type TensorflowDevice, type TensorflowPackage } from "../tfjs/tensorflow.ts";

const threads = 3;

/**
 * Computes a known gradient on this thread and, if it is the main one, on several others at the same time; then prints
 * what was loaded as one line of JSON.
 *
 * @param file Compiled entry that calls this function, of the process and of its threads. The process gets the name of
 *   the npm package, the folder whose `node_modules` has it, and the device as arguments.
 * @throws {Error} If a thread cannot.
 */
export async function tryTensorflow(file: URL): Promise<void> {
  const given = process.argv.slice(2) as [TensorflowPackage, string, TensorflowDevice];
  const [packageName, root, device]: typeof given = isMainThread ? given : workerData;
  const tensorflow = loadTensorflow(device, [{ packageName, root }]);
  await tryEngine("tensorflow", device);
  if (!isMainThread) return;
  // A thread that throws emits an error, and the promise of its end rejects.
  const others = Array.from({ length: threads }, () => once(new Worker(file, { workerData: given }), "exit"));
  await Promise.all(others);
  process.stdout.write(`${JSON.stringify(tensorflow)}\n`);
}
