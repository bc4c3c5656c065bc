/**
 * What is kept of a compiled model from one call to the next: threads, programs, and the shared memory with parameters,
 * optimizer state, tuner and averages. A run is a list of parts, each so many minibatches, between which nobody works.
 */
import type { Dataset } from "../data/dataset.ts";
import { isScaledBytes } from "../data/minibatch.ts";
import { withoutNames } from "../data/without-names.ts";
import { compileKernels } from "../kernels/kernels.ts";
import { plainKernels } from "../kernels/plain.ts";
import { type OptimizerName, optimizers } from "../optimizers/optimizers.ts";
import type { RunSpec } from "../options/run-spec.ts";
import type { RunEvent } from "../report/run-event.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import { coordinate, type Progress } from "../run/coordinate.ts";
import { createRunMemory } from "../run/create-run-memory.ts";
import { WorkerPool } from "../run/pool.ts";
import { predictedMomentum, snapshotOf } from "../run/summarize.ts";
import { MemoryImage } from "../shared/memory-image.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import { namesOfLosses, type Task } from "../task/compile-programs.ts";
import { Evaluator } from "../task/evaluator.ts";
import { tf } from "../tfjs/tf.ts";
import type { Weight } from "../tfjs/trainable-weights.ts";
import { readFlat, writeFlat } from "../tfjs/weights.ts";
import { nameVectors, updateRule } from "../update/update-rule.ts";
import { serialUpdate } from "../worker/serial.ts";
import { WorkerContext } from "../worker/worker-context.ts";
import type { CompiledMetrics } from "./compiled-metrics.ts";
import { ModelPrograms } from "./model-programs.ts";

/** The mean loss and the metrics by name, as the logs of TensorFlow.js have them. */
export type PartLogs = Record<string, number>;

/** How a part of a run is watched. */
export interface PartObserver {
  /** Ends the part early. */
  readonly signal: AbortSignal | null;
  /** About ten times a second. */
  onTick(snapshot: RunSnapshot): void;
  onEvent(event: RunEvent): void;
}

/** What goes on from one part to the next outside of the shared memory. */
interface Carried {
  readonly seconds: number;
  readonly rollbacks: number;
}

/** What an optimizer remembers, of the rules of TensorFlow.js. */
export interface OptimizerState {
  readonly optimizer: OptimizerName;
  readonly vectors: readonly Float32Array[];
  readonly updates: number;
  /** Number of the next minibatch. */
  readonly next: number;
  readonly learningRate: number | null;
}

/** A worker on the calling thread, for one minibatch at a time. */
interface InlineWorker {
  readonly program: unknown;
  readonly dataset: Dataset;
  readonly context: WorkerContext;
  readonly update: (minibatch: number) => Promise<void>;
}

export class FitSession {
  readonly #metrics: CompiledMetrics;
  readonly #programs: ModelPrograms;
  readonly #kernels: WebAssembly.Module;
  readonly #optimizer: OptimizerName;
  #pool: WorkerPool | null = null;
  #memory: RunMemory | null = null;
  #initialNorm = 0;
  #inline: InlineWorker | null = null;
  /** Number of the next minibatch. */
  #next = 0;
  #carried: Carried = { seconds: 0, rollbacks: 0 };
  /** The tensors that this session gave to the weights: where there are others by now, someone else has set them. */
  #written: readonly tf.Tensor["dataId"][] = [];
  /** Room in the memory. */
  #largestBatch = 0;
  /** Of the part before; null where the optimizer has its own. */
  #learningRate: number | null = null;
  /** To begin with; null for a new optimizer. */
  readonly #inherited: OptimizerState | null;
  #isUpdating = false;

  private constructor(
    spec: RunSpec,
    metrics: CompiledMetrics,
    kernels: WebAssembly.Module,
    inherited: OptimizerState | null,
  ) {
    this.#inherited = inherited;
    this.#metrics = metrics;
    this.#kernels = kernels;
    this.#programs = new ModelPrograms(spec);
    this.#optimizer = spec.optimizer.optimizer;
  }

  /** @param inherited What another session's optimizer remembers, to go on from. */
  static async open(
    spec: RunSpec,
    metrics: CompiledMetrics,
    inherited: OptimizerState | null = null,
  ): Promise<FitSession> {
    return new FitSession(spec, metrics, await compileKernels(), inherited);
  }

  /** Whether nothing was trained yet. */
  get isNew(): boolean {
    return this.#memory === null;
  }

  /** Whether a part has begun and not ended: after one that failed, its memory is not to be used. */
  get isUpdating(): boolean {
    return this.#isUpdating;
  }

  /** What the optimizer remembers, for a session with other settings; null where those cannot go on from it. */
  optimizerState({ optimizer: { averaging, optimizer } }: RunSpec): OptimizerState | null {
    const memory = this.#memory;
    const { controller, hasOwnAverage } = optimizers[optimizer];
    const isPlain = controller === "fixed" && hasOwnAverage !== true && !averaging;
    if (memory === null || optimizer !== this.#optimizer || !isPlain || memory.shape.averages > 0)
      return null;
    return {
      optimizer,
      vectors: memory.vectors.map((vector) => vector.slice()),
      updates: memory.updates.value,
      next: this.#next,
      learningRate: this.#learningRate,
    };
  }

  /**
   * Compiles what minibatches of these sizes need, and checks the data.
   *
   * @param frozen See {@link ModelPrograms.frozen}; of a session that is new. @returns What people should know of a model that is new, one line each. @throws {YfError} As `compilePrograms()`.
   */
  async prepare(
    task: Task,
    sizes: readonly number[],
    frozen: ModelPrograms["frozen"] = "constant",
  ): Promise<readonly string[]> {
    if (this.isNew) this.#programs.frozen = frozen;
    await this.#programs.train(task, sizes);
    this.#programs.check(task);
    return this.isNew ? this.#programs.found.warnings : [];
  }

  /** Lets the next minibatch be the first of a pass over the examples. @param length Of a pass, in minibatches. */
  beginPass(length: number): void {
    this.#next = Math.ceil(this.#next / length) * length;
  }

  /** Number of the next minibatch in its pass, from 0. @param length Of a pass, in minibatches. */
  placeInPass(length: number): number {
    return this.#next % length;
  }

  /**
   * Trains with the next `count` minibatches, by all threads; the model has the new weights afterwards.
   *
   * @param sizes Of the minibatches. @returns Means over the examples of the part; those of a part that was ended early are
   *   of what was used.
   * @throws {YfError} As `coordinate()`; the weights are then those of before.
   */
  async train(
    task: Task,
    sizes: readonly number[],
    count: number,
    spec: RunSpec,
    observer: PartObserver,
  ): Promise<PartLogs> {
    const programs = await this.#programs.train(task, sizes);
    const memory = await this.#begin(task, sizes, spec);
    await this.#closeInline();
    this.#pool ??= new WorkerPool(spec.interleaving.workers);
    const dataset = task.data.train;
    const until = this.#next + count;
    memory.batchCounter.value = this.#next;
    const before = totalsOf(memory);
    const frame = { totalUpdates: null, momentumPredicted: predictedMomentum(spec.interleaving) };
    const { seconds, rollbacks } = this.#carried;
    const outcome = await coordinate(
      {
        work: {
          spec: { ...spec, stopping: { ...spec.stopping, epochs: null, maxUpdates: until } },
          shared: {
            memory: memory.memory,
            kernels: this.#kernels,
            dataset: withoutNames(dataset),
            initialNorm: this.#initialNorm,
          },
          programs,
        },
        memory,
        pool: this.#pool,
        evaluator: null,
        signal: observer.signal,
        control: null,
        checkpoints: null,
        resumed: { progress: progressAt(memory.updates.value, seconds, rollbacks), sections: new Map() },
      },
      {
        onTick: (progress: Progress) => observer.onTick(snapshotOf(progress, frame)),
        onEvaluation: () => undefined,
        onEpoch: () => undefined,
        onEvent: (event) => {
          if (event.event !== "stop") observer.onEvent(event);
        },
      },
    );
    this.#next = until;
    this.#carried = { seconds: outcome.progress.seconds, rollbacks: outcome.rollbacks };
    return this.#end(memory, before);
  }

  /** Trains with the examples of a task as one minibatch, on the calling thread. */
  async trainBatch(task: Task, spec: RunSpec): Promise<PartLogs> {
    const { train } = task.data;
    const [program] = await this.#programs.train(task, [train.length]);
    const memory = await this.#begin(task, [train.length], spec);
    if (this.#inline?.program !== program) {
      await this.#closeInline();
      const dataset = withoutNames(train);
      const context = await WorkerContext.open(
        {
          rank: 0,
          spec,
          shared: {
            memory: memory.memory,
            kernels: this.#kernels,
            dataset,
            initialNorm: this.#initialNorm,
            heartbeat: new Int32Array(1),
          },
          programs: [program],
        },
        0,
      );
      this.#inline = { program, dataset, context, update: serialUpdate(context) };
    }
    const { dataset, update } = this.#inline;
    for (const half of ["features", "labels"] as const) {
      for (const [i, { data }] of dataset[half].entries()) data.set(train[half][i].data);
    }
    const before = totalsOf(memory);
    await update(this.#next++);
    return this.#end(memory, before);
  }

  /** Loss and metrics of the test set of a task, at the weights that the model has. */
  async evaluate(task: Task): Promise<PartLogs> {
    const { test } = task.data;
    if (test === null || this.#memory === null) return {};
    const memory = this.#memory;
    const evaluator = await Evaluator.open(this.#programs.evaluate(task), test, namesOfLosses(task));
    const sums = new Float64Array(1 + this.#metrics.names.length);
    try {
      const evaluation = await evaluator.evaluateWhile(
        () => true,
        memory.result,
        memory.state,
        (engine) => {
          const { batchSize, labels, predictions } = engine.program;
          const values = tf.tidy(() =>
            this.#metrics.of(
              labels.map(({ shape }, i) => tf.tensor(engine.buffers.labels[i].slice(), [...shape])),
              predictions.map(({ shape }, i) => tf.tensor(engine.buffers.predictions[i].slice(), [...shape])),
            ),
          );
          sums[0] += batchSize;
          for (const [i, value] of values.entries()) sums[1 + i] += batchSize * value;
        },
      );
      return { loss: evaluation?.loss ?? Number.NaN, ...this.#metrics.fromSums(sums) };
    } finally {
      await evaluator.close();
    }
  }

  /** Ends the threads; the next part starts others. */
  async endThreads(): Promise<void> {
    await this.#closeInline();
    await this.#pool?.close();
    this.#pool = null;
  }

  /** Ends the threads and frees what there is; nothing is kept. */
  async close(): Promise<void> {
    this.#metrics.dispose();
    // Threads first: none may be inside a program when it goes.
    await this.endThreads();
    await this.#programs.close();
  }

  /** The memory, ready for a part: with room for its minibatches and with the weights of the model. */
  async #begin(task: Task, sizes: readonly number[], spec: RunSpec): Promise<RunMemory> {
    this.#isUpdating = true;
    const dataset = task.data.train;
    const needed = batchBytes(dataset, Math.max(...sizes));
    const known = this.#memory;
    const { state, trained } = this.#programs.found;
    if (known === null || needed > this.#largestBatch) {
      const parameters = readFlat(trained).flat;
      if (known === null) this.#initialNorm = Math.sqrt(plainKernels().squaredNorm(parameters));
      await this.#closeInline();
      this.#memory = createRunMemory({
        spec: { ...spec, stopping: { ...spec.stopping, epochs: null, maxUpdates: null } },
        parameters,
        modelState: readFlat(state).flat,
        dataset,
        initialNorm: this.#initialNorm,
        largestBatch: Math.max(...sizes),
      });
      if (known !== null) MemoryImage.of(known).restore(this.#memory);
      else this.#inherit(this.#memory);
      this.#largestBatch = needed;
    }
    const memory = this.#memory as RunMemory;
    if (known !== null) this.#takeFromModel(memory, spec);
    this.#followRate(memory, spec);
    for (let rank = 0; rank < memory.shape.workers; rank++) memory.slot(rank).claimed = null;
    memory.stop.clear();
    memory.resume();
    this.#sumsIn(memory).fill(0);
    return memory;
  }

  /** Goes on with the optimizer of another session. */
  #inherit(memory: RunMemory): void {
    if (this.#inherited === null) return;
    const { learningRate, next, updates, vectors } = this.#inherited;
    for (const [i, vector] of vectors.entries()) memory.vectors[i].set(vector);
    memory.updates.value = updates;
    this.#next = next;
    this.#learningRate = learningRate;
  }

  /** Weights that were set between two calls count; optimizer state stays, as with `LayersModel.fit`. */
  #takeFromModel(memory: RunMemory, spec: RunSpec): void {
    const { state, trained } = this.#programs.found;
    const written = new Set(this.#written);
    const areChanged = (weights: readonly Weight[]) => idsOf(weights).some((id) => !written.has(id));
    if (areChanged(state)) memory.state.set(readFlat(state).flat);
    if (!areChanged(trained)) return;
    const { flat } = readFlat(trained);
    const rule = updateRule(spec.optimizer.optimizer, spec.optimizer);
    memory.parameters.set(flat);
    if (memory.shape.averages > 0) memory.average.set(flat);
    for (const [name, vector] of Object.entries(nameVectors(rule, memory.vectors))) {
      if (rule.vectors[name] === "parameters") vector.set(flat);
    }
  }

  /** Velocities are steps: those of TensorFlow.js are gradients, which a new learning rate holds for as well. */
  #followRate(memory: RunMemory, { optimizer: { learningRate, optimizer } }: RunSpec): void {
    const before = this.#learningRate;
    this.#learningRate = learningRate;
    if (before === null || learningRate === null || before === learningRate) return;
    if (optimizer !== "momentum" && optimizer !== "nesterov") return;
    const [velocity] = memory.vectors;
    for (let i = 0; i < velocity.length; i++) velocity[i] *= learningRate / before;
  }

  #end(memory: RunMemory, before: Totals): PartLogs {
    const { state, trained } = this.#programs.found;
    const after = totalsOf(memory);
    const loss = (after.lossSum - before.lossSum) / (after.examples - before.examples);
    const logs = { loss, ...this.#metrics.fromSums(this.#sumsIn(memory)) };
    writeFlat(trained, memory.result.slice());
    writeState(state, memory.state);
    this.#written = idsOf([...trained, ...state]);
    this.#isUpdating = false;
    return logs;
  }

  /** Where the metrics of the part are summed up. */
  #sumsIn(memory: RunMemory): Float32Array {
    let offset = 0;
    for (const { variable } of this.#programs.found.state) {
      if (variable === this.#metrics.sums) return memory.state.subarray(offset, offset + variable.size);
      offset += variable.size;
    }
    return new Float32Array(1);
  }

  async #closeInline(): Promise<void> {
    await this.#inline?.context.close();
    this.#inline = null;
  }
}

interface Totals {
  readonly lossSum: number;
  readonly examples: number;
}

function totalsOf(memory: RunMemory): Totals {
  let [lossSum, examples] = [0, 0];
  for (let rank = 0; rank < memory.shape.workers; rank++) {
    const status = memory.worker(rank);
    lossSum += status.exampleLossSum;
    examples += status.examples;
  }
  return { lossSum, examples };
}

/** Weights that keep their values keep their tensors: another model that trains them sees nobody else's hand. */
function writeState(state: readonly Weight[], flat: Float32Array): void {
  let offset = 0;
  for (const weight of state) {
    const values = flat.slice(offset, offset + weight.variable.size);
    const known = weight.variable.dataSync();
    if (values.some((value, i) => !Object.is(value, known[i]))) writeFlat([weight], values);
    offset += values.length;
  }
}

const idsOf = (weights: readonly Weight[]) => weights.map(({ variable }) => variable.dataId);

/** Bytes of a minibatch that are scaled on their way; other columns need no room in the memory. */
function batchBytes({ features }: Dataset, size: number): number {
  const widths = features.filter(isScaledBytes).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return size * widths.reduce((a, b) => a + b, 0);
}

/** A part continues as a run that was stopped does, and decides nothing by evaluations. */
const progressAt = (updates: number, seconds: number, rollbacks: number) => ({
  updates,
  seconds,
  rollbacks,
  initialNorm: 0,
  evaluationSeconds: 0,
  epochsSeen: 0,
  nextEvaluation: 0,
  evaluation: null,
  evaluatedAt: -1,
  best: null,
  worseInARow: 0,
});
