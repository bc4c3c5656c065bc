/**
 * A worker's place at the shared memory: what every loop has and does alike, whatever it does with the gradient.
 *
 * Owns phases 1 to 3 (read, batch, gradient) and the rule for gradients that are not finite.
 */
import { batchPlace } from "../data/batch-sizes.ts";
import { fillMinibatch } from "../data/minibatch.ts";
import type { GradientEngine, Program } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { cannot, YfError } from "../errors.ts";
import { type Kernels, wasmKernels } from "../kernels/kernels.ts";
import { RunMemory } from "../shared/run-memory.ts";
import type { WorkerStatus } from "../shared/worker-status.ts";
import { type Controller, gradientMeanDecay } from "../tuner/controller.ts";
import { createController } from "../tuner/create-controller.ts";
import { clipScale } from "../update/clip-scale.ts";
import { averageIterate } from "../update/iterate-average.ts";
import { type UpdateRule, updateRule } from "../update/update-rule.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { TrainJob } from "./protocol.ts";

/** A worker gives up after so many gradients in a row that are not finite: the parameters are beyond repair. */
const maxSkippedInARow = 20;

export class Seat {
  readonly job: TrainJob;
  readonly memory: RunMemory;
  readonly kernels: Kernels;
  readonly controller: Controller;
  readonly rule: UpdateRule;
  readonly status: WorkerStatus;
  readonly clock: PhaseClock;
  /** This worker's gradient inside the shared memory, where the engine writes and the SIMD kernels read it. */
  readonly gradient: Float32Array;
  readonly #engines: readonly GradientEngine[];
  /** The one of the latest minibatch. */
  #engine: GradientEngine;
  #skippedInARow = 0;

  private constructor(job: TrainJob, memory: RunMemory, engines: readonly GradientEngine[]) {
    this.job = job;
    this.memory = memory;
    this.kernels = wasmKernels(job.memory, job.kernels);
    this.controller = createController(job.controller);
    this.rule = updateRule(job.controller.optimizer);
    this.status = this.memory.worker(job.rank);
    this.clock = new PhaseClock(this.status.phases);
    this.gradient = this.memory.gradient(job.rank);
    this.#engines = engines;
    this.#engine = engines[0];
  }

  static async open(job: TrainJob): Promise<Seat> {
    const memory = RunMemory.attach(job.memory);
    const buffers = { gradient: memory.gradient(job.rank), parameters: memory.snapshot(job.rank) };
    const { values } = memory.batch(job.rank);
    const engines = job.programs.map((program) =>
      openEngine(program, {
        seed: drawSeed(job),
        frugal: job.frugal,
        buffers:
          values.length > 0 ? { ...buffers, features: values.subarray(0, elementsOf(program)) } : buffers,
      }),
    );
    return new Seat(job, memory, await Promise.all(engines));
  }

  /** Number of the next minibatch of all workers together, or null when the run is over. */
  claim(): number | null {
    if (this.memory.stop.requested) return null;
    const minibatch = this.memory.claims.next();
    return minibatch < this.job.maxMinibatches ? minibatch : null;
  }

  /**
   * Phases 1 to 3. Afterwards the gradient is in {@link gradient}.
   *
   * @returns t0, the number of updates applied before the parameters were read, and the mean loss.
   */
  async computeGradient(minibatch: number): Promise<{ readAt: number; loss: number }> {
    const { clock, job, memory } = this;
    const { first, size } = batchPlace(minibatch, job.batchSize, job.batchJitter, job.seed);
    const engine = this.#engines.find(({ program }) => program.batchSize === size) ?? this.#engine;
    this.#engine = engine;
    clock.start();
    const readAt = memory.updates.value;
    this.kernels.copy(memory.parameters, engine.parameters);
    clock.end(0);
    const { features, labels } = engine;
    const { bytes } = memory.batch(job.rank);
    fillMinibatch(job.dataset, first, size, job.seed, this.kernels, bytes, features, labels);
    clock.end(1);
    const loss = await engine.run();
    clock.end(2);
    return { readAt, loss };
  }

  /**
   * Phase 4: moves the shared gradient mean towards the gradient, clipped to `observeClip`.
   *
   * @returns What the tuner wants to know of the gradient: |g|² and |EMA(g)|² after clipping, |g|² as a minibatch of mean
   *   size would have it.
   */
  observe(rawSquaredNorm: number, observeClip: number): { squaredNorm: number; meanSquaredNorm: number } {
    const scale = clipScale(rawSquaredNorm, observeClip);
    const meanSquaredNorm = this.controller.needsGradientMean
      ? this.kernels.observe(this.gradient, this.memory.gradientMean, scale, gradientMeanDecay)
      : 0;
    return {
      squaredNorm: this.#atMeanSize(rawSquaredNorm * scale * scale, meanSquaredNorm),
      meanSquaredNorm,
    };
  }

  /**
   * A minibatch of b examples has E|g|² = |E g|² + σ²/b. The tuner takes spread of |g|² for curvature, so what stems from
   * different b goes out first.
   */
  #atMeanSize(squaredNorm: number, meanSquaredNorm: number): number {
    const relativeSize = this.#engine.program.batchSize / this.job.batchSize;
    if (relativeSize === 1) return squaredNorm;
    const signal = Math.min(squaredNorm, meanSquaredNorm);
    return signal + relativeSize * (squaredNorm - signal);
  }

  /**
   * Whether this gradient may be measured and applied. One that is not finite is skipped and counted.
   *
   * @throws {YfError} NON_FINITE after {@link maxSkippedInARow} in a row.
   */
  accepts(loss: number, squaredNorm: number): boolean {
    if (Number.isFinite(loss) && Number.isFinite(squaredNorm)) {
      this.#skippedInARow = 0;
      return true;
    }
    this.memory.skipped.next();
    if (++this.#skippedInARow >= maxSkippedInARow) throw this.#notFinite(loss);
    return false;
  }

  #notFinite(loss: number): YfError {
    const update = this.memory.updates.value;
    const { rank } = this.job;
    const found =
      firstNotFinite(this.#engine.parameters, this.job, "parameter") ??
      firstNotFinite(this.#engine.gradient, this.job, "gradient of") ??
      `the loss is ${loss}`;
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

  /** Part of phase 6: takes the iterate that update number `update` made into the average, if there is one. */
  average(update: number): void {
    const { average, parameters, shape } = this.memory;
    if (shape.averages === 1) averageIterate(this.kernels, update, parameters, average);
  }

  /** Runs `write` while the coordinator takes no copy of the parameters; the only place that changes them. */
  insideGate<T>(write: () => T): T {
    const { gate } = this.memory;
    gate.enter(this.job.rank);
    try {
      return write();
    } finally {
      gate.leave(this.job.rank);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.dispose()));
  }
}

const elementsOf = ({ features }: Program) => features.shape.reduce((product, size) => product * size, 1);

/** Workers must not drop the same units in step, and a run with one worker must be repeatable. */
function drawSeed({ rank, seed }: TrainJob): number {
  return (seed + Math.imul(rank, 0x9e3779b1)) | 0;
}

/** Names the first element that is NaN or infinite, as `kind "tensor"[index] is value`. */
function firstNotFinite(values: Float32Array, job: TrainJob, kind: string): string | null {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return null;
  const tensor = job.programs[0].parameters.find(({ offset, length }) => index < offset + length);
  return `${kind} "${tensor?.name}"[${index - (tensor?.offset ?? 0)}] is ${values[index]}`;
}
