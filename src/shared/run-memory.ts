/**
 * All shared state of one run in one shared `WebAssembly.Memory`: who else attaches to it sees the same bytes.
 *
 * Owns which parts there are and their order; each part's own file says who writes it and when it is valid. The
 * memory begins with {@link MemoryHeader}. A memory never grows, so views stay valid. Fields not described in a
 * file of their own are described at their getter. Races are numbered in RACES.md.
 */
import { cannot, YfError } from "../errors.ts";
import { orderStride } from "../schedule/replay.ts";
import { Counter } from "./counter.ts";
import { Gate } from "./gate.ts";
import { GradientSlot } from "./gradient-slot.ts";
import { IterateRing } from "./iterate-ring.ts";
import { byteLengthOf, namedArrays, region, type Views, viewsOf } from "./layout.ts";
import { Lock } from "./lock.ts";
import { Mailbox } from "./mailbox.ts";
import { headerBytes, readHeader, writeHeader } from "./memory-header.ts";
import { RecordRing } from "./record-ring.ts";
import { StalenessBound } from "./staleness-bound.ts";
import { StopFlag } from "./stop-flag.ts";
import { TaskBoard } from "./task-board.ts";
import { TryLock } from "./try-lock.ts";
import { WorkerStatus } from "./worker-status.ts";

export type { WorkerStatus };

/** Updates behind one point of the curve of losses. */
export const curveBlock = 50;

/** Sizes of everything in the memory of a run. All are integers ≥ 0; `parameterCount` and `workers` ≥ 1. */
export interface RunShape {
  /** Elements of the flat parameter vector. */
  readonly parameterCount: number;
  readonly workers: number;
  /** Elements of the flat state: what a training step assigns without a gradient. */
  readonly stateCount: number;
  /** Vectors that the optimizer keeps, each `parameterCount` long: the velocity (the last step, added to the parameters), or Adam's two moments. */
  readonly vectors: number;
  /** Whether the average of the iterates is kept: 0 or 1. */
  readonly averages: number;
  /** 1 + which of the optimizer's vectors is the model; 0 for the parameters or their average. */
  readonly resultVector: number;
  /** Coordinates in a sampled iterate. */
  readonly sampleCount: number;
  /** Numbers that the estimator of total momentum keeps for each worker. */
  readonly estimatorLength: number;
  /** Iterates kept; ≥ 1. */
  readonly iterateSlots: number;
  /** Observations that one worker may post before they are drained; ≥ 1. */
  readonly ringSlots: number;
  /** Numbers in an observation, its ticket included; ≥ 1. */
  readonly observationLength: number;
  /** Numbers in what the tuner publishes; ≥ 1. */
  readonly decisionLength: number;
  /** Numbers in the tuner's flattened state. */
  readonly tunerStateLength: number;
  /** float32 per worker, for those features of a minibatch that are stored as bytes, after scaling. */
  readonly batchElements: number;
  /** uint8 scratch per worker, for a minibatch as stored. */
  readonly batchBytes: number;
  /** Whether a schedule says who reads and writes when: 0 or 1. */
  readonly ordered: number;
  /** Numbers in the state of the run's schedule; 0 where workers run free. */
  readonly scheduleLength: number;
  /** Blocks of {@link curveBlock} updates in the curve of losses. */
  readonly curveLength: number;
  /** Updates whose order is recorded; 0 where nobody wants it. */
  readonly orderLength: number;
}

/** Names of the shape's fields in the order in which the header stores them. */
const shapeFields = [
  "parameterCount",
  "workers",
  "stateCount",
  "vectors",
  "averages",
  "resultVector",
  "sampleCount",
  "estimatorLength",
  "iterateSlots",
  "ringSlots",
  "observationLength",
  "decisionLength",
  "tunerStateLength",
  "batchElements",
  "batchBytes",
  "ordered",
  "scheduleLength",
  "curveLength",
  "orderLength",
] as const satisfies readonly (keyof RunShape)[];

/**
 * What no run goes on from, by the beginnings of its names: gradients under way, which are computed again; what threads
 * tell each other at one moment; and what follows from the options.
 */
const passing = [
  "gradients.",
  "nextStates.",
  "batches.",
  "board.changes",
  "board.lock",
  "updateLock",
  "stalenessBound.",
  "sampleIndices",
  "tunerLock",
  "gate.",
  "native.",
  "stop",
];

/** Where workers run free, they read anew; where a schedule has them read, it did so once and for all. */
const passingUnlessOrdered = ["snapshots.", "stateSnapshots.", "board."];

const pageBytes = 65_536;
const maxPages = 65_536;

function regionsOf(shape: RunShape) {
  const { parameterCount, workers } = shape;
  const perWorker = <T>(make: () => T): T[] => Array.from({ length: workers }, make);
  return {
    parameters: region("float32", parameterCount),
    vectors: Array.from({ length: shape.vectors }, () => region("float32", parameterCount)),
    average: region("float32", shape.averages * parameterCount),
    gradientMean: region("float32", parameterCount),
    snapshots: perWorker(() => region("float32", parameterCount)),
    gradients: perWorker(() => region("float32", parameterCount)),
    state: region("float32", shape.stateCount),
    stateSnapshots: perWorker(() => region("float32", shape.stateCount)),
    nextStates: perWorker(() => region("float32", shape.stateCount)),
    batches: perWorker(() => ({
      bytes: region("uint8", shape.batchBytes),
      values: region("float32", shape.batchElements),
    })),
    estimators: perWorker(() => region("float64", shape.estimatorLength)),
    slots: perWorker(() => GradientSlot.regions),
    board: TaskBoard.regions(workers, shape.scheduleLength),
    curve: region("float64", shape.curveLength),
    order: region("int32", orderStride * shape.orderLength),
    updateLock: Lock.regions,
    stalenessBound: StalenessBound.regions(workers),
    sampleIndices: region("int32", shape.sampleCount),
    iterates: IterateRing.regions(shape.iterateSlots, shape.sampleCount),
    updates: Counter.regions,
    batchCounter: Counter.regions,
    observations: Counter.regions,
    skipped: Counter.regions,
    dropped: Counter.regions,
    validFrom: Counter.regions,
    tunerLock: TryLock.regions,
    tunerState: region("float64", shape.tunerStateLength),
    hyperparameters: Mailbox.regions(shape.decisionLength),
    rings: perWorker(() => RecordRing.regions(shape.ringSlots, shape.observationLength)),
    gate: Gate.regions(workers),
    native: Gate.regions(workers),
    stop: StopFlag.regions,
    status: perWorker(() => WorkerStatus.regions),
  };
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
  /** Around reads and updates in mode `locked`; nobody takes it in other modes. */
  readonly updateLock: Lock;
  /** Who may read, where staleness is bounded by waiting. */
  readonly stalenessBound: StalenessBound;
  /** Which gradients are wanted and ready, in deterministic modes. */
  readonly board: TaskBoard;
  readonly stop: StopFlag;
  /** Every worker's ring, in the order of ranks, for draining. */
  readonly rings: readonly RecordRing[];
  readonly #views: Views<ReturnType<typeof regionsOf>>;
  readonly #slots: readonly GradientSlot[];
  readonly #status: readonly WorkerStatus[];

  private constructor(memory: WebAssembly.Memory, shape: RunShape) {
    const views = viewsOf(regionsOf(shape), memory.buffer, headerBytes);
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
    const byteLength = headerBytes + byteLengthOf(regionsOf(shape));
    const pages = Math.ceil(byteLength / pageBytes);
    const memory = allocate(pages, shape);
    writeHeader(memory.buffer, { byteLength, fields: shapeFields.map((field) => shape[field]) });
    return new RunMemory(memory, shape);
  }

  /** Attaches to the memory that another thread created. @throws {YfError} BAD_LAYOUT if it is something else. */
  static attach(memory: WebAssembly.Memory): RunMemory {
    const { byteLength, fields } = readHeader(memory.buffer, shapeFields.length);
    const shape = Object.fromEntries(
      shapeFields.map((field, i) => [field, fields[i]]),
    ) as unknown as RunShape;
    const expected = headerBytes + byteLengthOf(regionsOf(shape));
    if (byteLength !== expected) {
      throw new YfError(
        "BAD_LAYOUT",
        cannot(
          "attach to the memory of a run",
          `it must have the ${expected} bytes of its shape`,
          byteLength,
        ),
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

  /**
   * What a run goes on from, bytes by name: copied while nobody is inside the {@link gate}, written back before the
   * threads start. A name tells where it is in the layout of this file.
   */
  kept(): ReadonlyMap<string, Uint8Array> {
    const left = this.shape.ordered === 0 ? [...passing, ...passingUnlessOrdered] : passing;
    const arrays = namedArrays(this.#views).filter(
      ([name, { length }]) => length > 0 && !left.some((start) => name.startsWith(start)),
    );
    return new Map(
      arrays.map(([name, { buffer, byteLength, byteOffset }]) => [
        name,
        new Uint8Array(buffer, byteOffset, byteLength),
      ]),
    );
  }

  /** Makes whole what was under way when what is {@link kept} was copied. Before the threads start. */
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

function allocate(pages: number, shape: RunShape): WebAssembly.Memory {
  const fail = (rule: string, cause?: unknown) =>
    new YfError(
      "NO_MEMORY",
      cannot(
        "allocate the shared memory of the run",
        rule,
        `${Math.ceil((pages * pageBytes) / 2 ** 20)} MiB`,
      ),
      { parameterCount: shape.parameterCount, workers: shape.workers },
      cause,
    );
  if (pages > maxPages)
    throw fail("WebAssembly memory ends at 4096 MiB; fewer workers or parameters need less");
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw fail("this machine must have so much free address space", cause);
  }
}
