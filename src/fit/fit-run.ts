/** The epochs of one call: parts of training, validation, and the callbacks between them. */
import type { RunSpec } from "../options/run-spec.ts";
import type { Task } from "../task/compile-programs.ts";
import type { layers } from "../tfjs/tf.ts";
import type { FitCallbacks } from "./fit-callbacks.ts";
import type { FitRunConfig } from "./fit-config.ts";
import type { FitSession, PartLogs, PartObserver } from "./fit-session.ts";
import { warning } from "./teller.ts";

/** Minibatches that are trained with before anything else happens. */
export interface Part {
  readonly task: Task;
  /** Size of each minibatch, in order: {@link batchSize} but for those that end a pass over the examples. */
  readonly batches: readonly number[];
  readonly batchSize: number;
  /** Whether it begins with the first example of an order. */
  readonly beginsPass: boolean;
}

export interface FitRun {
  readonly model: layers.LayersModel;
  readonly session: FitSession;
  readonly config: FitRunConfig;
  readonly callbacks: FitCallbacks;
  /** The settings as they are now. */
  spec(): RunSpec;
  /** Of one epoch, one after the other. */
  parts(): AsyncIterable<Part> | Iterable<Part>;
  /** Loss and metrics after an epoch, null where nothing is validated. */
  readonly validate: (() => Promise<PartLogs>) | null;
  /** Says something to people. */
  readonly observer: Pick<PartObserver, "onEvent">;
}

/** Seconds of training between two records. */
const recordEverySeconds = 1;

/** Runs all epochs, or those until `model.stopTraining` or the signal. @returns What `LayersModel.fit` returns. */
export async function runEpochs(run: FitRun): Promise<layers.History> {
  const { callbacks, config, model, validate } = run;
  const { epochs = 1, initialEpoch = 0, signal } = config;
  const isOver = () => model.stopTraining || signal?.aborted === true;
  (model as unknown as { history: layers.History }).history = callbacks.history;
  await callbacks.trainBegin();
  model.stopTraining = false;
  for (let epoch = initialEpoch; epoch < epochs && !isOver(); epoch++) {
    await callbacks.epochBegin(epoch);
    const logs = await runEpoch(run, epoch, isOver);
    const validated = validate === null || signal?.aborted ? {} : await validate();
    const named = Object.entries(validated).map(([name, value]) => [`val_${name}`, value] as const);
    await callbacks.epochEnd(epoch, { ...Object.fromEntries(named), ...logs });
  }
  await callbacks.trainEnd();
  await callbacks.history.syncData();
  return callbacks.history;
}

/** @returns Means over the examples of the epoch. */
async function runEpoch(run: FitRun, epoch: number, isOver: () => boolean): Promise<PartLogs> {
  const { callbacks, session } = run;
  const means = new Means();
  let batch = 0;
  for await (const { batches, batchSize, beginsPass, task } of run.parts()) {
    const sizes = [...new Set(batches)];
    // A callback may have changed the learning rate.
    const spec = () => withBatchSize(run.spec(), batchSize);
    for (const problem of await session.prepare(task, sizes)) {
      run.observer.onEvent(warning("model", problem));
    }
    if (beginsPass) session.beginPass(Math.ceil(task.data.train.length / batchSize));
    const step = callbacks.wantsBatches ? spec().interleaving.workers : batches.length;
    for (let done = 0; done < batches.length && !isOver(); done += step) {
      const now = batches.slice(done, done + step).map((size, i) => ({ batch: batch + i, size }));
      if (callbacks.wantsBatches) for (const one of now) await callbacks.batchBegin(one.batch, one);
      const logs = await watched(run, epoch, batch, (observer) =>
        session.train(task, sizes, now.length, spec(), observer),
      );
      means.add(
        logs,
        now.reduce((sum, { size }) => sum + size, 0),
      );
      if (callbacks.wantsBatches)
        for (const one of now) await callbacks.batchEnd(one.batch, { ...one, ...logs });
      batch += now.length;
    }
    if (isOver()) break;
  }
  return means.values;
}

const withBatchSize = (spec: RunSpec, batchSize: number): RunSpec => ({
  ...spec,
  batching: { ...spec.batching, batchSize },
});

/** Trains a part while callbacks are told of it; one that throws ends it. */
async function watched<T>(
  { callbacks, config, model, observer }: FitRun,
  epoch: number,
  batch: number,
  train: (observer: PartObserver) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const end = () => ended.abort();
  const { onRecord, signal } = config;
  let nextRecord = 0;
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end);
  try {
    const result = await train({
      ...observer,
      signal: ended.signal,
      onTick(snapshot) {
        callbacks.yield(epoch, batch, { loss: snapshot.loss }, end);
        if (model.stopTraining) end();
        if (snapshot.seconds < nextRecord) return;
        nextRecord = snapshot.seconds + recordEverySeconds;
        onRecord?.(snapshot);
      },
    });
    await callbacks.yielded();
    return result;
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/** Means of logs, weighted. */
class Means {
  readonly #sums = new Map<string, number>();
  #weight = 0;

  add(logs: PartLogs, weight: number): void {
    this.#weight += weight;
    for (const [name, value] of Object.entries(logs)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + weight * value);
    }
  }

  get values(): PartLogs {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#weight]));
  }
}
