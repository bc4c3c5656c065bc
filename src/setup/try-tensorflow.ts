/** Whether a TensorFlow that was just built computes gradients in several threads at once: a program of its own. */
import { once } from "node:events";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { tryEngine } from "../engine/try-engine.ts";
import { loadTensorflow, type TensorflowPlace } from "../tfjs/tensorflow.ts";

const threads = 3;

/**
 * Computes a known gradient on this thread and, if it is the main one, on several others at the same time; then prints
 * what was loaded as one line of JSON.
 *
 * @param file Compiled entry that calls this function, of the process and of its threads. The process gets the name of
 *   the npm package and the folder whose `node_modules` has it as arguments.
 * @throws {Error} If a thread cannot.
 */
export async function tryTensorflow(file: URL): Promise<void> {
  const [packageName, root] = process.argv.slice(2) as [TensorflowPlace["packageName"], string];
  const place: TensorflowPlace = isMainThread ? { packageName, root } : workerData;
  const tensorflow = loadTensorflow([place]);
  await tryEngine("tensorflow");
  if (!isMainThread) return;
  // A thread that throws emits an error, and the promise of its end rejects.
  const others = Array.from({ length: threads }, () => once(new Worker(file, { workerData: place }), "exit"));
  await Promise.all(others);
  process.stdout.write(`${JSON.stringify(tensorflow)}\n`);
}
