/** Runs whose threads fail on purpose. */
import { fileURLToPath } from "node:url";
import { compilePrograms } from "../../src/coordinator/compile-programs.ts";
import { WorkerPool } from "../../src/coordinator/pool.ts";
import { prepareTask } from "../../src/coordinator/prepare-task.ts";
import { runTask } from "../../src/coordinator/run-task.ts";
import { validateOptions } from "../../src/options/parse.ts";
import type { RunEvent } from "../../src/report/run-event.ts";
import type { layers } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { blobSplit } from "./tiny.ts";

export interface Fault {
  readonly how: "throws" | "throws where nobody catches" | "exits" | "runs out of heap" | "stalls";
  /** After a gradient, or within the gate. */
  readonly where: "gradient" | "before the update" | "after the update";
  /** Whose threads fail. */
  readonly ranks: readonly number[];
  /** How many threads fail in each of these places before one lives on. */
  readonly lives: number;
  /** So often a thread comes to the place first. */
  readonly skip: number;
}

/** Name of the variable of the environment that holds a {@link Fault} as JSON. */
export const faultVariable = "YF_TEST_FAULT";

const faultyWorker = fileURLToPath(new URL("../../dist/test/train/faulty.worker.js", import.meta.url));

/** Trains a small model on threads that fail. @param options Of `train()`. @param onEvent Sees the pool of the run. */
export async function runFaulty(
  options: Readonly<Record<string, unknown>>,
  fault: Fault | null,
  onEvent?: (pool: WorkerPool) => void,
) {
  const settings = validateOptions(
    { model: "mlp", batchSize: 16, maxUpdates: 300, workers: 3, ...options },
    "library",
  );
  if (fault !== null) process.env[faultVariable] = JSON.stringify(fault);
  const pool = new WorkerPool(settings.workers, fault === null ? {} : { file: faultyWorker, heapMiB: 64 });
  const events: RunEvent[] = [];
  try {
    const task = await prepareTask({ data: blobSplit }, settings);
    const programs = compilePrograms(task, [16], { engine: "ort", device: "cpu" });
    const { flat: parameters } = readWeights(task.model as layers.LayersModel);
    const run = { task, programs, parameters, modelState: new Float32Array(), settings, pool, signal: null };
    const callbacks = {
      onEvent: (event: RunEvent) => events.push(event),
      onYield: () => onEvent?.(pool),
    };
    const outcome = await runTask({
      ...run,
      callbacks,
      control: null,
      order: null,
      checkpoints: null,
      from: null,
    });
    return { ...outcome, faults: events.filter(({ event }) => event === "fault") };
  } finally {
    await pool.close();
    delete process.env[faultVariable];
  }
}
