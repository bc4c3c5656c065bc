/**
 * All shared state of one run in one shared `WebAssembly.Memory`: every thread that attaches to it sees the same bytes.
 *
 * The memory begins with {@link MemoryHeader}; `run-regions.ts` says what follows. It never grows, so views stay valid. Each
 * part's own file says who writes it and when it is valid; arrays without a file of their own are described at their getter.
 * Races are numbered in RACES.md.
 */
import { cannot, YfError } from "../errors.ts";
import { allocateMemory } from "./allocate-memory.ts";
import { Counter } from "./counter.ts";
import { Gate } from "./gate.ts";
import { GradientSlot } from "./gradient-slot.ts";
import { IterateRing } from "./iterate-ring.ts";
import { byteLengthOf, type NamedArray, namedArrays, type Views, viewsOf } from "./layout.ts";
import { Lock } from "./lock.ts";
import { Mailbox } from "./mailbox.ts";
import { headerBytes, readHeader, writeHeader } from "./memory-header.ts";
import { RecordRing } from "./record-ring.ts";
import { runRegions } from "./run-regions.ts";
import { type RunShape, shapeFields } from "./run-shape.ts";
import { StalenessBound } from "./staleness-bound.ts";
import { StopFlag } from "./stop-flag.ts";
import { TaskBoard } from "./task-board.ts";
import { TryLock } from "./try-lock.ts";
import { WorkerStatus } from "./worker-status.ts";

/** An array that a checkpoint keeps, as bytes of the run's memory. */
export interface KeptBytes {
  readonly bytes: Uint8Array;
  /** Whether it is longer in a longer run. */
  readonly grows: boolean;
}

export class RunMemory {
  readonly memory: WebAssembly.Memory;
  readonly shape: RunShape;
  /** Sampled iterates, for measuring total momentum. */
  readonly iterates: IterateRing;
  /** Updates applied by all workers; `t = updates.next()` is an update's stamp. */
  readonly updates: Counter;
  /** Minibatches handed out, all workers together; `batchCounter.next()` is a minibatch's number. */
  readonly batchCounter: Counter;
  /** Tickets of observations. */
  readonly observations: Counter;
  /** Gradients that were not finite and therefore neither observed nor applied. */
  readonly skipped: Counter;
  /** Gradients that were too stale and therefore not applied. */
  readonly dropped: Counter;
  /** Gradients read before so many updates are of parameters that have been taken back since. */
  readonly validFrom: Counter;
  /** Guards {@link tunerState}, the consumers' side of the rings and publishing to {@link hyperparameters}. */
  readonly tunerLock: TryLock;
  /** What the workers apply, `[decisionLength]`. Published by the holder of the tuner lock. */
  readonly hyperparameters: Mailbox;
  /** Around phases 4 to 7 of an update, observe to stamp: whoever is outside is between two updates. */
  readonly gate: Gate;
  /**
   * Around calls of native code: a thread that is ended inside of one takes the process with it when the call returns, as an
   * exception is on its way then that native code cannot throw.
   */
  readonly native: Gate;
  /** Around reads and updates in mode `locked`; no one takes it in other modes. */
  readonly updateLock: Lock;
  /** Who may read, where staleness is bounded by waiting. */
  readonly stalenessBound: StalenessBound;
  /** Which gradients are wanted and ready, in deterministic modes. */
  readonly board: TaskBoard;
  readonly stop: StopFlag;
  /** Every worker's ring, in the order of ranks, for draining. */
  readonly rings: readonly RecordRing[];
  readonly #regions: ReturnType<typeof runRegions>;
  readonly #views: Views<ReturnType<typeof runRegions>>;
  readonly #slots: readonly GradientSlot[];
  readonly #status: readonly WorkerStatus[];

  private constructor(memory: WebAssembly.Memory, shape: RunShape) {
    const regions = runRegions(shape);
    const views = viewsOf(regions, memory.buffer, headerBytes);
    this.#regions = regions;
    this.memory = memory;
    this.shape = shape;
    this.iterates = new IterateRing(views.iterates);
    this.updates = new Counter(views.updates);
    this.batchCounter = new Counter(views.batchCounter);
    this.observations = new Counter(views.observations);
    this.skipped = new Counter(views.skipped);
    this.dropped = new Counter(views.dropped);
    this.validFrom = new Counter(views.validFrom);
    this.tunerLock = new TryLock(views.tunerLock);
    this.hyperparameters = new Mailbox(views.hyperparameters);
    this.gate = new Gate(views.gate);
    this.native = new Gate(views.native);
    this.updateLock = new Lock(views.updateLock);
    this.stalenessBound = new StalenessBound(views.stalenessBound);
    this.board = new TaskBoard(views.board);
    this.stop = new StopFlag(views.stop);
    this.rings = views.rings.map((ring) => new RecordRing(ring, shape.observationLength));
    this.#views = views;
    this.#slots = views.slots.map((slot) => new GradientSlot(slot));
    this.#status = views.status.map((status) => new WorkerStatus(status));
  }

  /**
   * Allocates the memory of a run; everything is zero.
   *
   * @throws {RangeError} If a size is not an integer ≥ 0.
   * @throws {YfError} NO_MEMORY when it would be larger than 4 GiB, where WebAssembly ends, or cannot be had.
   */
  static create(shape: RunShape): RunMemory {
    const byteLength = headerBytes + byteLengthOf(runRegions(shape));
    const memory = allocateMemory(byteLength, shape);
    writeHeader(memory.buffer, { byteLength, fields: shapeFields.map((field) => shape[field]) });
    return new RunMemory(memory, shape);
  }

  /** Attaches to the memory that another thread created. @throws {YfError} BAD_LAYOUT if it is something else. */
  static attach(memory: WebAssembly.Memory): RunMemory {
    const { byteLength, fields } = readHeader(memory.buffer, shapeFields.length);
    const shape = Object.fromEntries(
      shapeFields.map((field, i) => [field, fields[i]]),
    ) as unknown as RunShape;
    const expected = headerBytes + byteLengthOf(runRegions(shape));
    if (byteLength !== expected) {
      throw new YfError(
        "BAD_LAYOUT",
        cannot("attach to the memory of a run", `must have the ${expected} bytes of its shape`, byteLength),
        { expected, byteLength },
      );
    }
    return new RunMemory(memory, shape);
  }

  /**
   * The model, `[parameterCount]`. Written by every worker in its apply phase, without a lock (R1); read by every
   * worker at the same time (R2), and by the coordinator with the gate closed.
   */
  get parameters(): Float32Array {
    return this.#views.parameters;
  }

  /** The optimizer's vectors, each `[parameterCount]`; written and read with the parameters (R1). */
  get vectors(): readonly Float32Array[] {
    return this.#views.vectors;
  }

  /**
   * Average of the latest iterates, `[parameterCount]`, or empty if none is kept. Written like {@link parameters}, by
   * the worker whose update it is the turn of (R2 in RACES.md).
   */
  get average(): Float32Array {
    return this.#views.average;
  }

  /** What is evaluated and saved: the optimizer's own or the average where there is one, else the parameters. */
  get result(): Float32Array {
    const { resultVector } = this.shape;
    if (resultVector > 0) return this.vectors[resultVector - 1];
    return this.shape.averages === 1 ? this.average : this.parameters;
  }

  /** EMA(g), `[parameterCount]`, for the tuner's variance. Written by every worker in its observe phase (R3). */
  get gradientMean(): Float32Array {
    return this.#views.gradientMean;
  }

  /**
   * The model's state that no gradient trains, `[stateCount]`: moving statistics. Written by every worker with its update,
   * whole and without a lock (R12), so that the last one counts; read like {@link parameters}.
   */
  get state(): Float32Array {
    return this.#views.state;
  }

  /** Which coordinates are sampled, `[sampleCount]`. Written by the coordinator before the workers start. */
  get sampleIndices(): Int32Array {
    return this.#views.sampleIndices;
  }

  /**
   * Sums of the losses of each {@link curveBlock} updates in a row, as far as there is room. Every worker adds to it
   * without a lock (R8): the sum of a block may lack a loss of two that came at the same time.
   */
  get curve(): Float64Array {
    return this.#views.curve;
  }

  /**
   * Worker, updates before its read, and minibatch of each update, as far as it is recorded. Written by the worker whose
   * update it is; read by the coordinator once all have ended.
   */
  get order(): Int32Array {
    return this.#views.order;
  }

  /** The tuner's flattened state. Written and read by the holder of the tuner lock alone. */
  get tunerState(): Float64Array {
    return this.#views.tunerState;
  }

  /** Every array of the memory, in order: so that what is said of all of them leaves none out. */
  arrays(): readonly NamedArray[] {
    return namedArrays(this.#regions, this.#views);
  }

  /**
   * What a run continues from, by name: copied while no worker is inside the {@link gate}, written back before the threads
   * start. A name is the path of the array in `run-regions.ts`.
   */
  kept(): ReadonlyMap<string, KeptBytes> {
    const arrays = this.arrays().filter(({ array, lifetime }) => lifetime.kept && array.length > 0);
    return new Map(
      arrays.map(({ array: { buffer, byteLength, byteOffset }, lifetime, name }) => [
        name,
        { bytes: new Uint8Array(buffer, byteOffset, byteLength), grows: lifetime.grows },
      ]),
    );
  }

  /** Completes what was under way when what is {@link kept} was copied. Before the threads start. */
  resume(): void {
    this.board.resume();
    for (const status of this.#status) status.resume();
  }

  /** The parameters as this worker read them last, `[parameterCount]`: private to it. */
  snapshot(rank: number): Float32Array {
    return this.#views.snapshots[rank];
  }

  /** The state as this worker read it last, `[stateCount]`: private to it. */
  stateSnapshot(rank: number): Float32Array {
    return this.#views.stateSnapshots[rank];
  }

  /** The state that this worker's step makes of its snapshot, `[stateCount]`: private to it. */
  nextState(rank: number): Float32Array {
    return this.#views.nextStates[rank];
  }

  /** This worker's gradient `[parameterCount]`: private to it, but in here so that the SIMD kernels see it. */
  gradient(rank: number): Float32Array {
    return this.#views.gradients[rank];
  }

  /** Features of this worker's minibatch, as stored and as float32; private to it. Empty unless stored as bytes. */
  batch(rank: number): { readonly bytes: Uint8Array; readonly values: Float32Array } {
    return this.#views.batches[rank];
  }

  /** Observations on their way from this worker to whoever holds the tuner lock. */
  ring(rank: number): RecordRing {
    return this.rings[rank];
  }

  /** What the estimator of total momentum keeps of this worker's steps; used like {@link slot}. */
  estimator(rank: number): Float64Array {
    return this.#views.estimators[rank];
  }

  /** What is known of this worker's gradient. */
  slot(rank: number): GradientSlot {
    return this.#slots[rank];
  }

  worker(rank: number): WorkerStatus {
    return this.#status[rank];
  }
}
