/**
 * One worker: its part of the shared memory, its engines, and the way to a gradient, which is the same in every loop.
 *
 *   1 read      t0 = updates; copy the shared parameters out
 *   2 batch     copy the rows of the claimed minibatch, scale bytes
 *   3 gradient  loss and gradient by the engine
 *
 * What is done with the gradient (phases 4 to 7) is in `update-step.ts`; when, is up to the loop of the mode.
 */
import { minibatchPlace } from "../data/batch-sizes.ts";
import type { Column } from "../data/dataset.ts";
import { fillMinibatch, isScaledBytes } from "../data/minibatch.ts";
import type { GradientEngine, Program } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { type Kernels, wasmKernels } from "../kernels/kernels.ts";
import { isOversubscribed } from "../machine/is-oversubscribed.ts";
import type { WorkerDelay } from "../options/kinds.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { runLength } from "../schedule/run-length.ts";
import type { GradientSlot } from "../shared/gradient-slot.ts";
import { Heartbeat } from "../shared/heartbeat.ts";
import { RunMemory } from "../shared/run-memory.ts";
import { phase, type WorkerStatus } from "../shared/worker-status.ts";
import type { Controller } from "../tuner/controller.ts";
import { runController } from "../tuner/run-controller.ts";
import { nameVectors, type RuleVectors, type UpdateRule, updateRule } from "../update/update-rule.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { TrainJob } from "./protocol.ts";

export class WorkerContext {
  readonly job: TrainJob;
  readonly spec: RunSpec;
  /** The thread's own, or a simulated worker's. */
  readonly rank: number;
  readonly memory: RunMemory;
  readonly kernels: Kernels;
  readonly controller: Controller;
  readonly rule: UpdateRule;
  /** The shared vectors that the rule keeps. */
  readonly ruleVectors: RuleVectors;
  readonly status: WorkerStatus;
  readonly clock: PhaseClock;
  /** What is known about this worker's gradient. */
  readonly slot: GradientSlot;
  /** This worker's gradient inside the shared memory, where the engine writes and the SIMD kernels read it. */
  readonly gradient: Float32Array;
  /** The model's state after this worker's step, likewise. */
  readonly nextState: Float32Array;
  /** How slow this worker is made on purpose; null for not at all. */
  readonly delay: WorkerDelay | null;
  readonly #heartbeat: Heartbeat;
  readonly #maxMinibatches: number;
  readonly #engines: readonly GradientEngine[];

  private constructor(job: TrainJob, rank: number, memory: RunMemory, engines: readonly GradientEngine[]) {
    const { shared, spec } = job;
    const { dataset, initialNorm } = shared;
    this.job = job;
    this.spec = spec;
    this.rank = rank;
    this.memory = memory;
    this.kernels = wasmKernels(shared.memory, shared.kernels);
    this.controller = runController(spec, {
      trainingExamples: dataset.length,
      parameterCount: memory.parameters.length,
      initialNorm,
    });
    this.rule = updateRule(spec.optimizer.optimizer, spec.optimizer);
    this.ruleVectors = nameVectors(this.rule, memory.vectors);
    this.status = memory.worker(rank);
    this.#heartbeat = new Heartbeat(shared.heartbeat);
    this.clock = new PhaseClock(this.status.phases, this.#heartbeat);
    this.slot = memory.slot(rank);
    this.gradient = memory.gradient(rank);
    this.nextState = memory.nextState(rank);
    this.delay = spec.interleaving.delay.find((delay) => delay.rank === rank) ?? null;
    this.#maxMinibatches = runLength(spec, dataset.length).maxMinibatches;
    this.#engines = engines;
  }

  /** @param rank Of the worker, below the number of workers in the run's memory. */
  static async open(job: TrainJob, rank: number): Promise<WorkerContext> {
    const { programs, shared, spec } = job;
    const memory = RunMemory.attach(shared.memory);
    const buffers = {
      gradient: memory.gradient(rank),
      nextState: memory.nextState(rank),
      parameters: memory.snapshot(rank),
      state: memory.stateSnapshot(rank),
    };
    const { values } = memory.batch(rank);
    const engines = programs.map((program) =>
      openEngine(program, {
        ...spec.randomness,
        lowMemory: isOversubscribed(spec.interleaving.workers),
        buffers: { ...buffers, features: scaledColumns(shared.dataset.features, program, values) },
      }),
    );
    return new WorkerContext(job, rank, memory, await Promise.all(engines));
  }

  /** Whether the run is to end. Asking is a sign of life, so a worker that waits asks every now and then. */
  get stopped(): boolean {
    this.#heartbeat.beat();
    return this.memory.stop.requested;
  }

  /**
   * Number of this worker's next minibatch, or null when the run is over. It stays claimed until {@link completeBatch}.
   * A number past the end stays claimed for good, so that a longer run that resumes this one misses none.
   */
  claimBatch(): number | null {
    const { memory, slot } = this;
    if (this.stopped) return null;
    slot.claimed ??= memory.batchCounter.next();
    return slot.claimed < this.#maxMinibatches ? slot.claimed : null;
  }

  /** The claimed minibatch has made its update, or never will. */
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
    this.clock.end(phase.read);
  }

  /** Phases 2 and 3: loss and gradient of the slot's minibatch at the parameters as read. */
  async computeGradient(): Promise<void> {
    const { clock, job, memory, slot, spec } = this;
    const { augment, shuffle } = spec.batching;
    const { seed } = spec.randomness;
    const { dataset } = job.shared;
    const { first, size } = minibatchPlace(slot.minibatch, spec.batching, seed, dataset.length);
    const engine = this.#engines.find(({ program }) => program.batchSize === size) as GradientEngine;
    const { features, labels } = engine.buffers;
    const { bytes } = memory.batch(this.rank);
    fillMinibatch(dataset, first, size, seed, this.kernels, bytes, features, labels, augment, shuffle);
    clock.end(phase.batch);
    memory.native.enter(this.rank);
    try {
      slot.loss = await engine.run(slot.minibatch);
    } finally {
      memory.native.leave(this.rank);
    }
    slot.size = size;
    clock.end(phase.gradient);
  }

  /**
   * Runs `write`, phases 4 to 7 of an update, while the coordinator takes no copy of the memory. Nothing else changes what
   * such a copy contains: a worker outside of the gate is between two updates, whatever it computes.
   */
  insideGate<T>(write: () => T): T {
    const { gate } = this.memory;
    gate.enter(this.rank);
    // Waiting belongs to no phase.
    this.clock.start();
    const result = write();
    // A worker that throws stays inside: its update is half done, and the coordinator decides what follows.
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
