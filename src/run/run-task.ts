/** Runs a task: shared memory, jobs, evaluator and the history of the run around `coordinate()`. */

import type { Dataset } from "../data/dataset.ts";
import { withoutNames } from "../data/without-names.ts";
import { cannot, YfError } from "../errors.ts";
import { compileKernels } from "../kernels/kernels.ts";
import { plainKernels } from "../kernels/plain.ts";
import { isOversubscribed } from "../machine/is-oversubscribed.ts";
import type { OptionSource } from "../options/conflicts.ts";
import { writtenName } from "../options/resolve-options.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { DownsampledList } from "../report/downsampled-list.ts";
import { significant, whole } from "../report/live-fields.ts";
import { type RunEvent, runEvent } from "../report/run-event.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import type { CheckpointPlan } from "../resume/checkpointer.ts";
import type { KeptProgress } from "../resume/kept-progress.ts";
import { requireRecordedModel, weightShapes } from "../resume/recorded-model.ts";
import { type ReadCheckpoint, resumedRun } from "../resume/resumed-run.ts";
import { identityOf } from "../resume/run-identity.ts";
import type { RecordedOrder } from "../schedule/replay.ts";
import { runLength } from "../schedule/run-length.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import { namesOfLosses, type Programs, type Task } from "../task/compile-programs.ts";
import { Evaluator } from "../task/evaluator.ts";
import { monitoredMetric } from "../task/monitored-metric.ts";
import { coordinate, type Progress, type RunOutcome } from "./coordinate.ts";
import { createRunMemory } from "./create-run-memory.ts";
import { memoryNeed, memoryText, requireMemory } from "./memory-need.ts";
import type { WorkerPool } from "./pool.ts";
import type { RunControl } from "./run-control.ts";
import { predictedMomentum, snapshotOf } from "./summarize.ts";

/** Training time between two records. */
const recordEverySeconds = 1;
/** Of these so many stay in memory at least, evenly over the run; all of them in the first hour. */
const leastRecords = 1800;

/** What may happen during a run; the names are those of TensorFlow.js where it has one. */
export interface RunCallbacks {
  /** Nothing can be refused any more, and nothing has been written yet; threads are starting. */
  onTrainBegin?(): void;
  /** About ten times a second. */
  onYield?(snapshot: RunSnapshot): void;
  /** After each pass over the training examples. @param epoch 0, 1, … */
  onEpochEnd?(epoch: number, snapshot: RunSnapshot): void;
  /** After each evaluation on the test set, the last included. */
  onEvaluation?(snapshot: RunSnapshot): void;
  /** For each entry of the history: once a second, after each evaluation, and at the end. */
  onRecord?(snapshot: RunSnapshot): void;
  /** Whatever happens at one moment, evaluations included. */
  onEvent?(event: RunEvent): void;
}

export interface TaskRun {
  readonly task: Task;
  readonly programs: Programs;
  /** Flat initial parameters, `[P]`. */
  readonly parameters: Float32Array;
  /** Flat initial state, `[S]`: what a training step assigns without a gradient. */
  readonly modelState: Float32Array;
  readonly spec: RunSpec;
  readonly pool: WorkerPool;
  readonly callbacks: RunCallbacks;
  readonly signal: AbortSignal | null;
  readonly control: RunControl | null;
  /** Null where none are written. */
  readonly checkpoints: CheckpointPlan | null;
  /** What to resume from; null for a new run. */
  readonly from: ReadCheckpoint | null;
  /** Whether to tell how much memory the run takes. */
  readonly tellsMemory: boolean;
}

interface TaskOutcome extends RunOutcome {
  readonly order: RecordedOrder | null;
  readonly history: readonly RunSnapshot[];
}

/** @throws {YfError} `NO_MEMORY`, `BAD_ORDER`, `BAD_CHECKPOINT` of another run, or what `coordinate()` throws. */
export async function runTask(run: TaskRun): Promise<TaskOutcome> {
  const { callbacks, modelState, parameters, pool, programs, signal, spec, task } = run;
  const { interleaving, stopping } = spec;
  const { test, train: dataset } = task.data;
  requireTestSet(stopping, test);
  if (interleaving.order !== null) requireRecordedModel(interleaving.order, programs.train[0]);
  const { checkpoints, from } = run;
  // Of no use without checkpoints, and it reads a part of the data.
  const identity = checkpoints === null && from === null ? null : identityOf(spec, programs, dataset);
  const source = checkpoints?.commandLine == null ? "library" : "cli";
  const resumed = from === null || identity === null ? null : resumedRun(from, identity, source);
  const initialNorm = resumed?.progress.initialNorm ?? Math.sqrt(plainKernels().squaredNorm(parameters));
  const memory = createRunMemory({
    spec,
    parameters,
    modelState,
    dataset,
    initialNorm,
    largestBatch: Math.max(...programs.train.map((program) => program.batchSize)),
  });
  const need = memoryNeed({
    ...programs,
    data: task.data,
    workers: interleaving.workers,
    lowMemory: isOversubscribed(interleaving.workers),
    sharedBytes: bytesWithCopies(
      memory,
      (checkpoints === null ? 0 : 1) + (spec.faults.maxRollbacks === 0 ? 0 : 2),
    ),
  });
  const tight = need === null ? null : requireMemory(need, source);
  resumed?.restore(memory);
  const work = {
    spec,
    shared: {
      memory: memory.memory,
      kernels: await compileKernels(),
      dataset: withoutNames(dataset),
      initialNorm,
    },
    programs: programs.train,
  };
  const evaluator = test === null ? null : await evaluatorOf(run, test);
  const { totalUpdates } = runLength(spec, dataset.length);
  const frame = { totalUpdates, momentumPredicted: predictedMomentum(interleaving) };
  const snapshot = (progress: Progress) => snapshotOf(progress, frame);
  const history = new DownsampledList<RunSnapshot>(leastRecords);
  const recordForGood = (entry: RunSnapshot) => {
    history.pushForGood(entry);
    callbacks.onRecord?.(entry);
  };
  let nextRecord = (resumed?.progress.seconds ?? 0) + recordEverySeconds;
  try {
    callbacks.onTrainBegin?.();
    for (const problem of programs.warnings) {
      callbacks.onEvent?.(runEvent({ event: "warning", about: "model", problem }));
    }
    if (need !== null && run.tellsMemory) {
      callbacks.onEvent?.(runEvent({ event: "data", note: memoryText(need) }));
    }
    if (tight !== null) {
      callbacks.onEvent?.(runEvent({ event: "warning", about: "options", problem: tight }));
    }
    if (resumed !== null) warnOfLimits(resumed.progress, spec, totalUpdates, source, callbacks);
    checkpoints?.folder.begin(resumed);
    const outcome = await coordinate(
      {
        work,
        memory,
        pool,
        evaluator,
        signal,
        control: run.control,
        checkpoints:
          checkpoints === null || identity === null ? null : { ...checkpoints, identity, initialNorm },
        resumed,
      },
      {
        onTick(progress) {
          const now = snapshot(progress);
          callbacks.onYield?.(now);
          if (now.seconds < nextRecord) return;
          nextRecord = now.seconds + recordEverySeconds;
          history.push(now);
          callbacks.onRecord?.(now);
        },
        onEvaluation(progress) {
          const now = snapshot(progress);
          callbacks.onEvaluation?.(now);
          recordForGood(now);
        },
        onEvent: (event) => callbacks.onEvent?.(event),
        onEpoch: (epoch, progress) => callbacks.onEpochEnd?.(epoch, snapshot(progress)),
      },
    );
    const { evaluation, updates } = outcome.progress;
    // The last evaluation has its entry.
    if (evaluation === null || history.items.at(-1)?.updates !== updates)
      recordForGood(snapshot(outcome.progress));
    const weights = weightShapes(programs.train[0]);
    return { ...outcome, order: outcome.order && { ...outcome.order, weights }, history: history.items };
  } finally {
    await evaluator?.close();
  }
}

function bytesWithCopies(memory: RunMemory, copies: number): number {
  const kept = [...memory.kept().values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  return memory.memory.buffer.byteLength + copies * kept;
}

/** Tells that a run has reached its limits before it was resumed, so that it trains no further. */
function warnOfLimits(
  { seconds, updates }: Pick<KeptProgress, "seconds" | "updates">,
  { stopping: { maxSeconds } }: RunSpec,
  totalUpdates: number | null,
  source: OptionSource,
  { onEvent }: RunCallbacks,
): void {
  const written = (name: "epochs" | "maxSeconds" | "maxUpdates") => writtenName(name, source);
  const tell = (problem: string) => onEvent?.(runEvent({ event: "warning", about: "options", problem }));
  if (totalUpdates !== null && updates >= totalUpdates) {
    tell(
      `The run had made ${whole(updates)} updates already and ends after ${whole(totalUpdates)}, so it trains no further: ` +
        `a larger ${written("epochs")} or ${written("maxUpdates")} continues it.`,
    );
  } else if (maxSeconds !== null && seconds >= maxSeconds) {
    tell(
      `The run had trained for ${significant(seconds)} s already and ends after ${significant(maxSeconds)} s: ` +
        `a larger ${written("maxSeconds")} continues it.`,
    );
  }
}

/** @throws {YfError} `BAD_OPTION` for a metric or an accuracy that the model does not have. */
async function evaluatorOf({ programs, spec, task }: TaskRun, test: Dataset): Promise<Evaluator> {
  const { monitor, targetAccuracy } = spec.stopping;
  const monitored = monitor === null ? null : monitoredMetric(monitor, task, programs.evaluate[0]);
  const evaluator = await Evaluator.open(programs.evaluate, test, namesOfLosses(task), monitored);
  if (targetAccuracy === null || evaluator.hasAccuracy) return evaluator;
  await evaluator.close();
  const rule = "an output of the model must have classes (monitor and target take other metrics)";
  throw new YfError("BAD_OPTION", cannot("end the run at a test accuracy", rule), {
    option: "targetAccuracy",
  });
}

/** @throws {YfError} `BAD_OPTION` if something is to be decided by evaluations and there is no test set. */
function requireTestSet(
  { restoreBestWeights, monitor, patience, targetAccuracy }: RunSpec["stopping"],
  test: Dataset | null,
): void {
  if (test !== null) return;
  const refuse = (option: keyof RunSpec["stopping"], action: string) => {
    const rule = "there must be a test set that tells which weights are better";
    return new YfError("BAD_OPTION", cannot(action, rule), { option });
  };
  if (patience !== null) throw refuse("patience", "end the run when evaluations get no better");
  if (targetAccuracy !== null) throw refuse("targetAccuracy", "end the run at a test accuracy");
  if (monitor !== null) throw refuse("monitor", "monitor a metric");
  if (restoreBestWeights) throw refuse("restoreBestWeights", "keep the best weights");
}
