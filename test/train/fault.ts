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
import { type Fault, faultVariable } from "./fault-description.ts";
import { blobSplit } from "./tiny.ts";

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

/** What was prepared for a run, by all that it follows from: a run leaves it as it was. */
const preparedBefore = new Map<string, ReturnType<typeof prepare>>();

async function prepare(spec: RunSpec, own: Parameters<typeof prepareTask>[0]) {
  const task = await prepareTask(own, spec);
  const programs = compilePrograms(task, [spec.batching.batchSize], { engine: "ort", device: "cpu" });
  return { task, programs, parameters: readWeights(task.model as layers.LayersModel).flat };
}

function preparedFor(spec: RunSpec, own: Parameters<typeof prepareTask>[0]): ReturnType<typeof prepare> {
  const key = JSON.stringify([spec.model, spec.data, spec.batching, spec.randomness]);
  const prepared = preparedBefore.get(key) ?? prepare(spec, own);
  preparedBefore.set(key, prepared);
  return prepared;
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
    const prepared = await preparedFor(spec, options.data === undefined ? { data: blobSplit } : {});
    const run = { ...prepared, modelState: new Float32Array(), spec, pool };
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
      tellsMemory: false,
    });
    const ofKind = (kind: RunEvent["event"]) => events.filter(({ event }) => event === kind);
    return { ...outcome, faults: ofKind("fault"), wentBack: ofKind("rollback") };
  } finally {
    await pool.close();
    delete process.env[faultVariable];
  }
}
