/**
 * What every loop has and does alike for one worker, whatever it does with the gradient.
 *
 * Owns phases 1 to 3 (read, batch, gradient) and the rule for gradients that are not finite.
 */
import { batchPlace } from "../data/batch-sizes.ts";
import type { Column } from "../data/dataset.ts";
import { fillMinibatch, isScaledBytes } from "../data/minibatch.ts";
import type { GradientEngine, Program } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { cannot, YfError } from "../errors.ts";
import { type Kernels, wasmKernels } from "../kernels/kernels.ts";
import { gradientsPerUpdate } from "../schedule/create-schedule.ts";
import { orderStride } from "../schedule/replay.ts";
import type { GradientSlot } from "../shared/gradient-slot.ts";
import { Heartbeat } from "../shared/heartbeat.ts";
import { curveBlock, RunMemory } from "../shared/run-memory.ts";
import type { WorkerStatus } from "../shared/worker-status.ts";
import { clipScale } from "../tuner/clip-scale.ts";
import { type Controller, gradientMeanDecay, type Observation } from "../tuner/controller.ts";
import { createController } from "../tuner/create-controller.ts";
import { averageIterate } from "../update/iterate-average.ts";
import { type UpdateRule, updateRule } from "../update/update-rule.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { TrainJob } from "./protocol.ts";

/** A worker gives up after so many gradients in a row that are not finite: the parameters are beyond repair. */
const maxSkippedInARow = 20;

export class WorkerContext {
  readonly job: TrainJob;
  /** The thread's own, or a simulated worker's. */
  readonly rank: number;
  readonly memory: RunMemory;
  readonly kernels: Kernels;
  readonly controller: Controller;
  readonly rule: UpdateRule;
  readonly status: WorkerStatus;
  readonly clock: PhaseClock;
  /** What is known of this worker's gradient. */
  readonly slot: GradientSlot;
  /** This worker's gradient inside the shared memory, where the engine writes and the SIMD kernels read it. */
  readonly gradient: Float32Array;
  /** What this worker's step makes of the model's state, likewise. */
  readonly nextState: Float32Array;
  readonly #heartbeat: Heartbeat;
  readonly #engines: readonly GradientEngine[];

  private constructor(job: TrainJob, rank: number, memory: RunMemory, engines: readonly GradientEngine[]) {
    this.job = job;
    this.rank = rank;
    this.memory = memory;
    this.kernels = wasmKernels(job.memory, job.kernels);
    this.controller = createController(job.controller);
    this.rule = updateRule(job.controller.optimizer, job.controller.weightDecay);
    this.status = memory.worker(rank);
    this.#heartbeat = new Heartbeat(job.heartbeat);
    this.clock = new PhaseClock(this.status.phases, this.#heartbeat);
    this.slot = memory.slot(rank);
    this.gradient = memory.gradient(rank);
    this.nextState = memory.nextState(rank);
    this.#engines = engines;
  }

  /** @param rank Of the worker, below the number of workers in the run's memory. */
  static async open(job: TrainJob, rank: number): Promise<WorkerContext> {
    const memory = RunMemory.attach(job.memory);
    const buffers = {
      gradient: memory.gradient(rank),
      nextState: memory.nextState(rank),
      parameters: memory.snapshot(rank),
      state: memory.stateSnapshot(rank),
    };
    const { values } = memory.batch(rank);
    const engines = job.programs.map((program) =>
      openEngine(program, {
        seed: job.seed,
        lowMemory: job.lowMemory,
        buffers: { ...buffers, features: scaledColumns(job.dataset.features, program, values) },
      }),
    );
    return new WorkerContext(job, rank, memory, await Promise.all(engines));
  }

  /** Whether the run is to end. Whoever waits asks now and then, which is a sign of life. */
  get stopped(): boolean {
    this.#heartbeat.beat();
    return this.memory.stop.requested;
  }

  /**
   * Number of the minibatch that comes next for this worker, or null when the run is over. It stays claimed until
   * {@link completeBatch}; one past the end does for good, so that a longer run finds all that were handed out.
   */
  claimBatch(): number | null {
    const { job, memory, slot } = this;
    if (this.stopped) return null;
    slot.claimed ??= memory.batchCounter.next();
    return slot.claimed < job.maxMinibatches ? slot.claimed : null;
  }

  /** The claimed minibatch has come to its update, or to nothing for good. */
  completeBatch(): void {
    this.slot.claimed = null;
  }

  /** Phase 1: copies the shared parameters and state for the gradient of `minibatch`, and notes how many updates they have seen. */
  read(minibatch: number): void {
    const { memory, slot } = this;
    slot.minibatch = minibatch;
    slot.readAt = memory.updates.value;
    this.kernels.copy(memory.parameters, memory.snapshot(this.rank));
    this.kernels.copy(memory.state, memory.stateSnapshot(this.rank));
  }

  /** Phases 2 and 3: loss and gradient of the slot's minibatch at the parameters as read. */
  async computeGradient(): Promise<void> {
    const { clock, job, memory, slot } = this;
    const { augment, batchJitter, batchSize, dataset, seed } = job;
    const { first, size } = batchPlace(slot.minibatch, batchSize, batchJitter, seed);
    const engine = this.#engines.find(({ program }) => program.batchSize === size) as GradientEngine;
    const { features, labels } = engine;
    const { bytes } = memory.batch(this.rank);
    fillMinibatch(dataset, first, size, seed, this.kernels, bytes, features, labels, augment);
    clock.end(1);
    memory.native.enter(this.rank);
    try {
      slot.loss = await engine.run(slot.minibatch);
    } finally {
      memory.native.leave(this.rank);
    }
    slot.size = size;
    clock.end(2);
  }

  /**
   * Phase 4: moves the shared gradient mean towards the gradient, clipped to `observeClip`.
   *
   * @returns What the tuner wants to know: of this gradient, |g|² and |EMA(g)|² after clipping, |g|² as a minibatch of mean
   *   size would have it, and how far from the start it was taken; of the update before, staleness and total momentum.
   */
  observe(rawSquaredNorm: number, observeClip: number): Observation {
    const { loss, lastStaleness, lastTotalMomentum } = this.slot;
    const { origin } = this.rule;
    const scale = clipScale(rawSquaredNorm, observeClip);
    const meanSquaredNorm = this.controller.needsGradientMean
      ? this.kernels.observe(this.gradient, this.memory.gradientMean, scale, gradientMeanDecay)
      : 0;
    // Here and in the tuner, results are written out: V8 puts copies that gain fields by spreading among its old objects, some
    // 100 MB of them a minute.
    return {
      squaredNorm: this.#atMeanSize(rawSquaredNorm * scale * scale, meanSquaredNorm),
      meanSquaredNorm,
      squaredDistance:
        origin === null
          ? 0
          : this.kernels.squaredDistance(this.memory.snapshot(this.rank), this.memory.vectors[origin]),
      loss,
      staleness: lastStaleness,
      totalMomentum: lastTotalMomentum,
    };
  }

  /**
   * A minibatch of b examples has E|g|² = |E g|² + σ²/b. The tuner takes spread of |g|² for curvature, so what stems from
   * different b goes out first.
   */
  #atMeanSize(squaredNorm: number, meanSquaredNorm: number): number {
    const { batchSize, mode, simulatedWorkers } = this.job;
    const relativeSize = this.slot.size / (batchSize * gradientsPerUpdate(mode, simulatedWorkers));
    if (relativeSize === 1) return squaredNorm;
    const signal = Math.min(squaredNorm, meanSquaredNorm);
    return signal + relativeSize * (squaredNorm - signal);
  }

  /**
   * Whether this gradient may be measured and applied. One that is not finite is skipped and counted.
   *
   * @throws {YfError} NON_FINITE after {@link maxSkippedInARow} in a row.
   */
  accepts(squaredNorm: number): boolean {
    if (Number.isFinite(this.slot.loss) && Number.isFinite(squaredNorm)) {
      this.slot.skippedInARow = 0;
      return true;
    }
    this.memory.skipped.next();
    if (++this.slot.skippedInARow >= maxSkippedInARow) throw this.#notFinite();
    return false;
  }

  #notFinite(): YfError {
    const { gradient, job, memory, rank, slot } = this;
    const update = memory.updates.value;
    const found =
      firstNotFinite(memory.snapshot(rank), job, "parameter") ??
      firstNotFinite(gradient, job, "gradient of") ??
      `the loss is ${slot.loss}`;
    return new YfError(
      "NON_FINITE",
      cannot(
        "continue training",
        `loss and gradient must be finite (the last ${maxSkippedInARow} minibatches of worker ${rank} at update ${update} were not)`,
        found,
      ),
      { rank, update },
    );
  }

  /** Adds the slot's loss to the curve, at the place of update number `update`. */
  plotLoss(update: number): void {
    const { curve } = this.memory;
    const block = Math.floor(update / curveBlock);
    if (block < curve.length) curve[block] += this.slot.loss;
  }

  /** Notes whose update number `update` was, if orders are recorded. */
  recordOrder(update: number): void {
    const { order } = this.memory;
    const place = orderStride * update;
    if (place >= order.length) return;
    order[place] = this.rank;
    order[place + 1] = this.slot.readAt;
    order[place + 2] = this.slot.minibatch;
  }

  /** Part of phase 6: puts the state that this worker's step made in place of whatever the others made (R12). */
  keepState(): void {
    this.kernels.copy(this.nextState, this.memory.state);
  }

  /** Part of phase 6: takes the iterate that update number `update` made into the average, if there is one. */
  average(update: number): void {
    const { average, parameters, shape } = this.memory;
    if (shape.averages === 1) averageIterate(this.kernels, update, parameters, average);
  }

  /**
   * Runs `write`, phases 4 to 7 of an update, while the coordinator takes no copy of the memory: the only place that
   * changes what a copy holds. Whoever is outside is between two updates, whatever it computes.
   */
  insideGate<T>(write: () => T): T {
    const { gate } = this.memory;
    gate.enter(this.rank);
    // Waiting belongs to no phase.
    this.clock.start();
    const result = write();
    // Whoever throws stays inside: its update is half done, which is for the coordinator to deal with.
    gate.leave(this.rank);
    return result;
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.dispose()));
  }
}

/** The columns that kernels write, one after the other in the shared memory; null for the others. */
function scaledColumns(
  columns: readonly Column[],
  program: Program,
  values: Float32Array,
): (Float32Array | null)[] {
  let end = 0;
  return columns.map((column, i) => {
    if (!isScaledBytes(column)) return null;
    const begin = end;
    end += program.features[i].shape.reduce((product, size) => product * size, 1);
    return values.subarray(begin, end);
  });
}

/** Names the first element that is NaN or infinite, as `kind "tensor"[index] is value`. */
function firstNotFinite(values: Float32Array, job: TrainJob, kind: string): string | null {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return null;
  const tensor = job.programs[0].parameters.find(({ offset, length }) => index < offset + length);
  return `${kind} "${tensor?.name}"[${index - (tensor?.offset ?? 0)}] is ${values[index]}`;
}
