/** Runs whose threads fail on purpose. */
import { fileURLToPath } from "node:url";
import { CheckpointFolder } from "../../src/checkpoint/checkpoint-folder.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { RunSpec } from "../../src/options/run-spec.ts";
import type { RunEvent } from "../../src/report/run-event.ts";
import type { RunSnapshot } from "../../src/report/run-snapshot.ts";
import type { CheckpointPlan } from "../../src/resume/checkpointer.ts";
import { WorkerPool } from "../../src/run/pool.ts";
import { runTask } from "../../src/run/run-task.ts";
import { compilePrograms } from "../../src/task/compile-programs.ts";
import { prepareTask } from "../../src/task/prepare-task.ts";
import type { layers } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { blobSplit } from "./tiny.ts";

/** Ways to fail; of the last three no thread dies. */
export type How =
  | "throws"
  | "throws where nobody catches"
  | "exits"
  | "runs out of heap"
  | "stalls"
  | "gives NaN"
  | "spoils the model"
  | "blows the model up";

export interface Fault {
  /** One of these, by the dice of each thread. */
  readonly how: readonly How[];
  /** After a gradient, or within the gate. */
  readonly where: "gradient" | "before the update" | "after the update";
  /** Whose threads fail. */
  readonly ranks: readonly number[];
  /** How many threads fail in each of these places before one lives on. */
  readonly lives: number;
  /** So often a thread comes to the place first: at least, and at most. */
  readonly skip: readonly [number, number];
}

/** Name of the variable of the environment that holds a {@link Fault} as JSON. */
export const faultVariable = "YF_TEST_FAULT";

const faultyWorker = fileURLToPath(new URL("../../dist/test/train/faulty.worker.js", import.meta.url));

function planOf({
  checkpointDir,
  checkpointEverySeconds,
  keepCheckpoints,
}: RunSpec["checkpoints"]): CheckpointPlan | null {
  if (checkpointDir === null) return null;
  const folder = new CheckpointFolder(checkpointDir);
  return {
    folder,
    everySeconds: checkpointEverySeconds,
    keep: keepCheckpoints,
    commandLine: null,
    supervisedAs: null,
  };
}

/** Trains a small model on threads that fail. @param options Of `train()`. @param onYield Ten times a second. */
export async function runFaulty(
  options: Readonly<Record<string, unknown>>,
  fault: Fault | null,
  onYield?: (snapshot: RunSnapshot, pool: WorkerPool, abort: () => void) => void,
) {
  const { spec } = resolveOptions(
    { model: "mlp", batchSize: 16, maxUpdates: 300, workers: 3, ...options },
    "library",
  );
  if (fault !== null) process.env[faultVariable] = JSON.stringify(fault);
  const pool = new WorkerPool(
    spec.interleaving.workers,
    fault === null ? {} : { file: faultyWorker, heapMiB: 64 },
  );
  const events: RunEvent[] = [];
  const user = new AbortController();
  try {
    const task = await prepareTask(options.data === undefined ? { data: blobSplit } : {}, spec);
    const programs = compilePrograms(task, [spec.batching.batchSize], { engine: "ort", device: "cpu" });
    const { flat: parameters } = readWeights(task.model as layers.LayersModel);
    const run = { task, programs, parameters, modelState: new Float32Array(), spec, pool };
    const callbacks = {
      onEvent: (event: RunEvent) => events.push(event),
      onYield: (snapshot: RunSnapshot) => onYield?.(snapshot, pool, () => user.abort()),
    };
    const outcome = await runTask({
      ...run,
      callbacks,
      signal: user.signal,
      control: null,
      checkpoints: planOf(spec.checkpoints),
      from: null,
    });
    const ofKind = (kind: RunEvent["event"]) => events.filter(({ event }) => event === kind);
    return { ...outcome, faults: ofKind("fault"), wentBack: ofKind("rollback") };
  } finally {
    await pool.close();
    delete process.env[faultVariable];
  }
}
