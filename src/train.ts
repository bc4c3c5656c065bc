/**
 * Training from the outside: `train()` puts the parts together and takes them apart again.
 *
 * Owns the order of composition: options, data, model, programs, memory, threads, run, result. What happens in a run
 * is in `run/`, what a worker does in `worker/`.
 */
import { readCheckpoint } from "./checkpoint/checkpoint-file.ts";
import { CheckpointFolder, locateCheckpoint, readOrAdvise } from "./checkpoint/checkpoint-folder.ts";
import { FolderLock } from "./checkpoint/folder-lock.ts";
import { batchSizes } from "./data/batch-sizes.ts";
import { type SharedProgram, shareProgram } from "./engine/share-program.ts";
import { cannot, YfError } from "./errors.ts";
import { isOversubscribed } from "./machine/is-oversubscribed.ts";
import { resolveOptions } from "./options/resolve-options.ts";
import { type RunSpec, replaySpec } from "./options/run-spec.ts";
import type { FormerOptions, OptionsInput } from "./options/table.ts";
import { runEvent } from "./report/run-event.ts";
import type { RunSnapshot } from "./report/run-snapshot.ts";
import type { Summary } from "./report/summary.ts";
import type { CheckpointPlan, WrittenOptions } from "./resume/checkpointer.ts";
import type { ReadCheckpoint } from "./resume/resumed-run.ts";
import { dataReadBy } from "./run/data-read.ts";
import { WorkerPool } from "./run/pool.ts";
import type { RunControl } from "./run/run-control.ts";
import { type RunCallbacks, runTask } from "./run/run-task.ts";
import { summarize } from "./run/summarize.ts";
import type { RecordedOrder } from "./schedule/replay.ts";
import { compilePrograms } from "./task/compile-programs.ts";
import { constantLossOf } from "./task/constant-loss.ts";
import { withFittingBatches } from "./task/fitting-batches.ts";
import { type ArraySplit, prepareTask } from "./task/prepare-task.ts";
import type { Loss } from "./tfjs/losses.ts";
import type { ModelFunction } from "./tfjs/model-function.ts";
import type { layers, tf } from "./tfjs/tf.ts";
import { readFlat, writeFlat } from "./tfjs/weights.ts";

/** What may happen between the call and its result. */
export interface TrainCallbacks extends RunCallbacks {
  /** The run has ended well or was aborted. */
  onTrainEnd?(summary: Summary): void;
}

/** Something to train: a name or file of a model, a LayersModel, or a function over `variables`. */
export type TrainableModel = ModelText | layers.LayersModel | ModelFunction;

/** Name of a built-in model, or the path of a saved `model.json` or of a module that exports `model`. */
export type ModelText = NonNullable<OptionsInput["model"]>;

/**
 * Options of {@link train}. Those that the command line also has are explained in `src/options/README.md`.
 *
 * @typeParam M What is trained, and comes back.
 */
export interface TrainOptions<M extends TrainableModel = TrainableModel>
  extends Omit<OptionsInput, "data" | "loss" | "model">,
    FormerOptions {
  /** Default `"lenet"`. A LayersModel is trained in place; a function closes over {@link variables}. */
  readonly model?: M | undefined;
  /** What to train when the model is a function. */
  readonly variables?: readonly tf.Variable[] | undefined;
  /**
   * Name of a loss or a function of labels and predictions; by default the cross entropy that fits the labels and a last
   * softmax or sigmoid, or logits, which the run's first events name.
   */
  readonly loss?: Loss | undefined;
  /** Name of a data set, or arrays; default `"mnist"`. */
  readonly data?: NonNullable<OptionsInput["data"]> | ArraySplit | undefined;
  /** What to call while the run trains. */
  readonly callbacks?: TrainCallbacks | undefined;
  /** Ends the run early: `train()` resolves with what was trained until then. */
  readonly signal?: AbortSignal | undefined;
  /** Pauses and continues the run; `--seconds` and similar clocks keep running meanwhile. */
  readonly control?: RunControl | undefined;
  /**
   * Of an earlier run with `record` and otherwise the same options: its reads and writes are repeated in their order, with
   * the same bits on any number of `workers`.
   */
  readonly order?: RecordedOrder | null | undefined;
}

/** A text comes back as the model that it stands for, everything else as it was given. */
export type TrainedModel<M extends TrainableModel> =
  M extends `${string}.${"js" | "mjs" | "cjs" | "ts" | "mts"}`
    ? layers.LayersModel | ModelFunction
    : M extends string
      ? layers.LayersModel
      : M;

/** What {@link train} resolves with. */
export interface TrainResult<M extends TrainableModel = TrainableModel> {
  /** The model with its trained weights. */
  readonly model: TrainedModel<M>;
  /** What was trained where the model is a function; else []. */
  readonly variables: readonly tf.Variable[];
  /** What the run came to. */
  readonly summary: Summary;
  /**
   * One record for each evaluation, for the end, and for each second of training; in a run of more than an hour for each
   * 2nd, 4th, … second, so that the list stays small. `callbacks.onRecord` hears of all.
   */
  readonly history: readonly RunSnapshot[];
  /**
   * Mean training loss of each 50 updates in a row, by number of update and not by time; without the last ones if they
   * are fewer, and empty in a run that no number of updates or epochs limits.
   */
  readonly lossCurve: readonly number[];
  /** `stalenessCounts[τ]` updates had staleness τ; the last entry holds all that were staler. */
  readonly stalenessCounts: readonly number[];
  /** The order of reads and writes of a run with `record`; null in others. Give it to {@link TrainOptions}' `order`. */
  readonly order: RecordedOrder | null;
}

/**
 * Trains a model with many asynchronous threads and nothing to tune.
 *
 * @returns The trained model, a summary and the history; also when `signal` ended the run early, with
 *   `summary.stopReason` "aborted". No thread is left afterwards, however it ends.
 * @throws {YfError} Wrong options, data or models (`BAD_OPTION`, `BAD_DATA`, `BAD_MODEL`, `BAD_LOSS`, `NO_TRACE`,
 *   `NO_LOWERING`), before anything is trained; `NON_FINITE`, `WORKER_FAILED` or `NO_MEMORY` when the run fails. The
 *   model's weights are then as they were.
 * @example
 * ```ts
 * import { train } from "yf-async";
 * const { summary } = await train({
 *   model: "logistic",
 *   data: { train: { features: [[0, 1], [1, 0], [0, 2], [2, 0]], labels: [0, 1, 0, 1] } },
 *   workers: 2,
 *   batchSize: 4,
 *   maxUpdates: 50,
 * });
 * summary.updates; // → 50
 * ```
 */
export function train<M extends layers.LayersModel>(
  options: TrainOptions<M> & { readonly model: M },
): Promise<TrainResult<M>>;
/** Trains a function over `variables`; otherwise as above. */
export function train(
  options: TrainOptions<ModelFunction> & { readonly model: ModelFunction },
): Promise<TrainResult<ModelFunction>>;
/** Trains a model by its name or file; otherwise as above. */
export function train<M extends ModelText = "lenet">(options?: TrainOptions<M>): Promise<TrainResult<M>>;
/** Trains by options that were put together before, of whatever model; otherwise as above. */
export function train(options: TrainOptions): Promise<TrainResult>;
export async function train(options: TrainOptions = {}): Promise<TrainResult> {
  const calledAt = performance.timeOrigin + performance.now();
  if (typeof options !== "object" || options === null) {
    throw new YfError("BAD_OPTION", cannot("train", "options must be an object", options), {
      received: options,
    });
  }
  const { callbacks, control, data, loss, model, order = null, signal, variables, ...rest } = options;
  const named = { ...(isOwn(data) ? {} : { data }), ...(isOwn(model) ? {} : { model }) };
  const { spec } = resolveOptions({ ...rest, ...named }, "library");
  return trainWith(
    order === null
      ? spec
      : replaySpec(
          resolveOptions({ ...rest, ...named, workers: order.workers }, "library").spec,
          order,
          spec.interleaving.workers,
        ),
    { callbacks, control, data, loss, model, signal, variables },
    { calledAt },
  );
}

/** What options cannot say in words and numbers. */
type OwnParts<M extends TrainableModel> = Pick<
  TrainOptions<M>,
  "callbacks" | "control" | "data" | "loss" | "model" | "signal" | "variables"
>;

/** What else there is to know of a call. */
export interface TrainCall {
  /** When the user called, in milliseconds since 1970. */
  readonly calledAt: number;
  /** Options as they were written, if the call came from the command line: a checkpoint keeps them. */
  readonly commandLine?: WrittenOptions | null;
  /** Of a run that is supervised, the same in all of its processes. */
  readonly supervisedAs?: string | null;
  /** Whether an event tells how much memory the run takes. */
  readonly tellsMemory?: boolean;
}

/**
 * Trains by a spec, which is complete and checked.
 *
 * @param own The user's own things; a name in them is ignored for the one in the spec.
 */
export async function trainWith<M extends TrainableModel>(
  spec: RunSpec,
  own: OwnParts<M>,
  call: TrainCall,
): Promise<TrainResult<M>> {
  const checkpoints = checkpointPlan(spec.checkpoints, call);
  if (checkpoints === null) return trainInto(null, spec, own, call, []);
  const warnings: string[] = [];
  const lock = FolderLock.take(checkpoints.folder.path, {
    run: checkpoints.supervisedAs,
    warn: (text) => warnings.push(text),
  });
  try {
    return await trainInto(checkpoints, spec, own, call, warnings);
  } finally {
    lock.release();
  }
}

/** @param warnings To be told once the run begins. */
async function trainInto<M extends TrainableModel>(
  checkpoints: CheckpointPlan | null,
  given: RunSpec,
  own: OwnParts<M>,
  { calledAt, tellsMemory = false }: TrainCall,
  warnings: readonly string[],
): Promise<TrainResult<M>> {
  const { force, resume } = given.checkpoints;
  const from = resume === null ? null : readResumed(resume);
  const goesOnThere = from !== null && checkpoints?.folder.holds(from.file);
  if (!goesOnThere && !force) checkpoints?.folder.requireNone();
  // Threads load their modules while this one reads data and traces.
  const pool = new WorkerPool(given.interleaving.workers);
  const shared: SharedProgram[] = [];
  try {
    const { spec, task } = withFittingBatches({ spec: given, task: await prepareTask(own, given) });
    const { batchJitter, batchSize } = spec.batching;
    const compiled = compilePrograms(task, batchSizes(batchSize, batchJitter), spec.target);
    const lowMemory = isOversubscribed(spec.interleaving.workers);
    for (const program of compiled.train) shared.push(await shareProgram(program, { lowMemory }));
    const programs = { ...compiled, train: shared.map(({ program }) => program) };
    const { callbacks = {}, control = null, signal = null } = own;
    const parameters = readFlat(programs.trained).flat;
    const modelState = readFlat(programs.state).flat;
    const modelName = isOwn(own.model) ? null : spec.model.model;
    const { events, ...read } = dataReadBy(task.data, modelName, parameters.length);
    const outcome = await runTask({
      task,
      programs,
      parameters,
      modelState,
      spec,
      pool,
      callbacks: {
        ...callbacks,
        onTrainBegin() {
          callbacks.onTrainBegin?.();
          for (const problem of warnings) {
            callbacks.onEvent?.(runEvent({ event: "warning", about: "options", problem }));
          }
          for (const event of events) callbacks.onEvent?.(event);
        },
      },
      signal,
      control,
      checkpoints,
      from,
      tellsMemory,
    });
    writeFlat(programs.trained, outcome.parameters);
    writeFlat(programs.state, outcome.state);
    const names = {
      ...read,
      model: modelName,
      loss: typeof task.loss === "string" ? task.loss : null,
      data: isOwn(own.data) ? null : spec.data.data,
      trainingExamples: task.data.train.length,
    };
    const summary = summarize(outcome, spec, names, { calledAt, constantLoss: constantLossOf(task) });
    callbacks.onTrainEnd?.(summary);
    // A name was replaced by the model of that name.
    return {
      model: task.model as TrainedModel<M>,
      variables: task.variables,
      summary,
      history: outcome.history,
      lossCurve: outcome.lossCurve,
      stalenessCounts: outcome.progress.stalenessCounts,
      order: outcome.order,
    };
  } finally {
    // Threads first: none may be inside a program when it goes.
    await pool.close();
    for (const program of shared) await program.release();
  }
}

/** @param place What `resume` names. @throws {YfError} `BAD_CHECKPOINT`. */
function readResumed(place: string): ReadCheckpoint {
  const { file } = locateCheckpoint(place);
  return { ...readOrAdvise(file, readCheckpoint), file };
}

/** Where checkpoints go and how often; null for nowhere. */
function checkpointPlan(
  { checkpointDir, checkpointEverySeconds, keepCheckpoints }: RunSpec["checkpoints"],
  { commandLine = null, supervisedAs = null }: TrainCall,
): CheckpointPlan | null {
  if (checkpointDir === null || keepCheckpoints === 0) return null;
  return {
    folder: new CheckpointFolder(checkpointDir),
    everySeconds: checkpointEverySeconds,
    keep: keepCheckpoints,
    commandLine,
    supervisedAs,
  };
}

/** Whether the user gave the thing itself and not its name. */
function isOwn(given: unknown): boolean {
  return (typeof given === "object" && given !== null) || typeof given === "function";
}
