/**
 * One training run from initial parameters to final ones: lets the workers go, watches, evaluates, stops.
 *
 * Owns the order of things in time. Compiled programs, data and validated settings come in; what happens goes out
 * through the {@link RunObserver}; nothing is printed or written here.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cannot, YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { type RunEvent, type RunNews, runEvent, type StopReason } from "../report/run-event.ts";
import {
  type CheckpointedRun,
  Checkpointer,
  type CheckpointPlan,
  type KeptWeights,
} from "../resume/checkpointer.ts";
import type { ResumedRun } from "../resume/resumed-run.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import { orderStride, type RecordedOrder } from "../schedule/replay.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import { curveBlock } from "../shared/run-shape.ts";
import type { Evaluation } from "../task/evaluator.ts";
import { DivergenceDetector } from "./divergence-detector.ts";
import { Monitor, type Telemetry } from "./monitor.ts";
import type { WorkerPool } from "./pool.ts";
import { Rollbacks } from "./rollbacks.ts";
import type { RunControl } from "./run-control.ts";
import { type EvaluationPlan, RunEvaluations } from "./run-evaluations.ts";
import { stopCode, stopReason } from "./stop-reason.ts";
import { type RunWork, Supervisor } from "./supervisor.ts";

/** How often the telemetry is read. */
const tickMs = 100;

/** How long a consistent copy of the parameters may wait for the workers inside the gate. */
const snapshotTimeoutMs = 2_000;

export interface RunPlan extends Omit<EvaluationPlan, "stopping"> {
  readonly work: RunWork;
  readonly memory: RunMemory;
  readonly pool: WorkerPool;
  /** Null where the run cannot be paused. */
  readonly control: RunControl | null;
  /** Null where none are written. */
  readonly checkpoints: (CheckpointPlan & CheckpointedRun) | null;
  /** The run that this one resumes, whose state {@link memory} has by now; null for a new one. */
  readonly resumed: Pick<ResumedRun, "progress" | "sections"> | null;
}

/** Where a run stands. */
export interface Progress extends Telemetry {
  /** Examples that all workers together have used, in epochs; not rounded. */
  readonly epoch: number;
  /** The newest evaluation, null before the first. */
  readonly evaluation: Evaluation | null;
  /** Threads that failed and were replaced, all together and by rank. */
  readonly faults: number;
  readonly workerFaults: readonly number[];
}

/** What happens during a run, in order of time. */
export interface RunObserver {
  /** About ten times a second. */
  onTick(progress: Progress): void;
  /** After each evaluation, the last one included. */
  onEvaluation(progress: Progress): void;
  /** After each full pass over the training examples. */
  onEpoch(epoch: number, progress: Progress): void;
  onEvent(event: RunEvent): void;
}

export interface RunOutcome {
  /** Final parameters, `[P]`, or their average where one is kept, or those of the best evaluation; a copy. */
  readonly parameters: Float32Array;
  /** Final state, `[S]`; a copy. */
  readonly state: Float32Array;
  /** Updates behind them. */
  readonly keptUpdates: number;
  readonly progress: Progress;
  /** Mean loss of each {@link curveBlock} updates in a row, complete blocks only; none in a run without a limit of updates. */
  readonly lossCurve: readonly number[];
  /** Mean loss of the first minibatches; null where they are too small to say anything. */
  readonly firstLoss: number | null;
  /** The order of reads and writes, if it was recorded. */
  readonly order: Omit<RecordedOrder, "weights"> | null;
  readonly stopReason: StopReason;
  readonly evaluationSeconds: number;
  readonly phaseMilliseconds: Readonly<Record<string, number>>;
  /** Times that the model diverged and the run went back. */
  readonly rollbacks: number;
  /** Times in milliseconds since 1970; 0 for what never happened. */
  readonly times: {
    /** First update of any worker, and the moment from which on every worker had made one. */
    readonly firstUpdate: number;
    readonly allReady: number;
    /** Every worker has ended. */
    readonly trained: number;
  };
}

/** Whether the bits of the run are promised, so that nothing may be decided by the time that it takes. */
const isReproducible = ({ mode, record, workers }: RunSpec["interleaving"]) =>
  workers === 1 || isOrdered(mode) || record;

/** A copy of what is evaluated and saved. */
const resultOf = ({ result, state }: RunMemory): KeptWeights => ({
  parameters: Float32Array.from(result),
  state: Float32Array.from(state),
});

/** Runs the plan's jobs to their end. @throws {YfError} NON_FINITE or WORKER_FAILED of the first worker that fails. */
export async function coordinate(plan: RunPlan, observer: RunObserver): Promise<RunOutcome> {
  return new Coordination(plan, observer).run();
}

class Coordination {
  readonly #plan: RunPlan;
  readonly #observer: RunObserver;
  readonly #monitor: Monitor;
  readonly #supervisor: Supervisor;
  readonly #rollbacks: Rollbacks | null;
  readonly #divergenceDetector: DivergenceDetector | null;
  /** Known and being dealt with; null for none. */
  #divergence: YfError | null = null;
  readonly #evaluations: RunEvaluations;
  readonly #checkpointer: Checkpointer | null;
  #epochsSeen = 0;
  /** Of the checkpoints that {@link RunControl} was asked for. */
  #checkpointsTaken = 0;
  /** What was measured at the end of training; the clock runs on while the result is evaluated. */
  #last: Progress | null = null;

  constructor(plan: RunPlan, observer: RunObserver) {
    this.#plan = plan;
    this.#observer = observer;
    const { checkpoints, memory, pool, resumed, work } = plan;
    const { faults, interleaving, stopping } = work.spec;
    const secondsBefore = resumed?.progress.seconds ?? 0;
    this.#monitor = new Monitor(memory, secondsBefore);
    const { maxRollbacks } = faults;
    const rollbacks = resumed?.progress.rollbacks ?? 0;
    this.#rollbacks =
      maxRollbacks === 0 ? null : new Rollbacks(memory, maxRollbacks, { rollbacks, seconds: secondsBefore });
    this.#supervisor = new Supervisor({
      pool,
      work,
      memory,
      rollbacks: this.#rollbacks,
      onFault: (fault) => this.#tell(fault, this.#progress()),
      onRollback: (rollback) => this.#wentBack(rollback),
    });
    this.#divergenceDetector = isReproducible(interleaving) ? null : new DivergenceDetector();
    this.#evaluations = new RunEvaluations({ ...plan, stopping }, memory.stop, (evaluation) =>
      this.#tellOfEvaluation(evaluation),
    );
    if (resumed !== null) {
      this.#epochsSeen = resumed.progress.epochsSeen;
      this.#evaluations.restore(resumed);
    }
    this.#checkpointer =
      checkpoints === null
        ? null
        : new Checkpointer(checkpoints, checkpoints, memory, secondsBefore, (updates, problem) =>
            this.#tellOfCheckpoint(updates, problem),
          );
  }

  async run(): Promise<RunOutcome> {
    const { memory, signal } = this.#plan;
    const abort = () => memory.stop.request(stopCode("aborted"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      let running = true;
      const workers = this.#supervisor.run().finally(() => {
        running = false;
      });
      // How they ended is seen below.
      const ended = workers.catch(() => undefined);
      while (running) {
        await Promise.race([ended, sleep(tickMs, undefined, { ref: false })]);
        if (running) this.#tick();
      }
      await workers.catch((error: unknown) => this.#keepBeforeFailure(error));
      await this.#evaluations.settled();
      this.#requireUpdates();
    } finally {
      signal?.removeEventListener("abort", abort);
      await this.#checkpointer?.settled();
    }
    return this.#finish();
  }

  /** Leaves a checkpoint of a run that fails for its threads, not for its model. @throws The error. */
  async #keepBeforeFailure(error: unknown): Promise<never> {
    if (this.#checkpointer !== null && error instanceof YfError && error.code === "WORKER_FAILED") {
      await this.#checkpointer.settled();
      this.#betweenUpdates(() => this.#takeCheckpoint());
    }
    throw error;
  }

  /** What was learnt of the updates that are gone counts no more. */
  #wentBack(rollback: RunNews): void {
    this.#monitor.forget();
    this.#evaluations.forget();
    this.#divergence = null;
    this.#checkpointer?.forget(this.#plan.memory.updates.value);
    this.#tell(rollback, this.#progress());
  }

  /** A run that had only gradients to skip has trained nothing. @throws {YfError} NON_FINITE. */
  #requireUpdates(): void {
    const { skipped, stop, updates } = this.#plan.memory;
    if (updates.value > 0 || skipped.value === 0 || stop.requested) return;
    const rule = "loss and gradient must be finite";
    const received = `none that was, in ${skipped.value} minibatches`;
    throw new YfError("NON_FINITE", cannot("train", rule, received), { skipped: skipped.value });
  }

  #tick(): void {
    const { memory, work } = this.#plan;
    const { maxSeconds } = work.spec.stopping;
    if (!memory.gate.held) this.#supervisor.look();
    const progress = this.#progress();
    this.#observer.onTick(progress);
    this.#followControl(progress);
    if (maxSeconds !== null && progress.seconds >= maxSeconds) memory.stop.request(stopCode("time"));
    for (; this.#epochsSeen < Math.floor(progress.epoch); this.#epochsSeen++) {
      this.#observer.onEpoch(this.#epochsSeen, progress);
    }
    if (this.#wantsCheckpoint(progress)) this.#betweenUpdates(() => this.#takeCheckpoint());
    const known = this.#divergence !== null;
    this.#divergence ??=
      this.#divergenceDetector?.look(progress.loss, progress.updates, this.#monitor.firstLoss()) ?? null;
    if (this.#divergence !== null) {
      if (!known) this.#supervisor.diverged(this.#divergence);
    } else if (this.#rollbacks?.isDue(progress.seconds)) {
      this.#betweenUpdates(() => this.#rollbacks?.take(progress.seconds));
    }
    if (!this.#evaluations.isDue(progress)) return;
    const weights = this.#betweenUpdates(() => resultOf(memory));
    if (weights !== null) this.#evaluations.begin(weights, progress.updates);
  }

  #wantsCheckpoint({ seconds }: Progress): boolean {
    if (this.#checkpointer === null || this.#checkpointer.isWriting) return false;
    const asked = this.#plan.control?.checkpointsAsked ?? 0;
    return this.#checkpointer.isDue(seconds) || asked > this.#checkpointsTaken;
  }

  /** Pauses and continues on request. A run that is to end continues in any case: its workers must notice. */
  #followControl(progress: Progress): void {
    const { control, memory } = this.#plan;
    const { gate, stop } = memory;
    const paused = control?.paused === true && !stop.requested;
    if (paused === gate.held) return;
    if (paused) gate.hold();
    else gate.release();
    this.#tell({ event: "pause", paused }, progress);
  }

  #tell(news: RunNews, progress: Progress): void {
    this.#observer.onEvent(runEvent(news, progress));
  }

  /** Copies what no update is half way through, or gives null when a worker does not leave the gate in time. */
  #betweenUpdates<T>(copy: () => T): T | null {
    const { gate } = this.#plan.memory;
    try {
      return gate.close(snapshotTimeoutMs).length === 0 ? copy() : null;
    } finally {
      gate.open();
    }
  }

  /** Call it between two updates. */
  #takeCheckpoint(): void {
    this.#checkpointsTaken = this.#plan.control?.checkpointsAsked ?? 0;
    const { seconds, updates } = this.#progress();
    const { count: rollbacks } = this.#rollbacks ?? { count: 0 };
    this.#checkpointer?.take(
      { ...this.#evaluations.progress, seconds, updates, epochsSeen: this.#epochsSeen, rollbacks },
      this.#evaluations.bestWeights,
    );
  }

  #tellOfEvaluation(evaluation: Evaluation): void {
    const progress = this.#progress();
    this.#observer.onEvaluation(progress);
    this.#tell({ event: "evaluation", epoch: progress.epoch, ...evaluation }, progress);
  }

  #tellOfCheckpoint(update: number, problem: YfError | null): void {
    const news: RunNews =
      problem === null
        ? { event: "checkpoint", update }
        : { event: "warning", about: "checkpoint", problem: problem.message };
    this.#tell(news, this.#progress());
  }

  #progress(): Progress {
    if (this.#last !== null) return { ...this.#last, evaluation: this.#evaluations.newest };
    const { dataset } = this.#plan.work.shared;
    const telemetry = this.#monitor.read();
    return {
      ...telemetry,
      epoch: telemetry.examples / dataset.length,
      evaluation: this.#evaluations.newest,
      faults: this.#supervisor.faults.reduce((a, b) => a + b, 0),
      workerFaults: [...this.#supervisor.faults],
    };
  }

  async #finish(): Promise<RunOutcome> {
    const { memory } = this.#plan;
    const trained = performance.timeOrigin + performance.now();
    const final = resultOf(memory);
    const last = this.#progress();
    this.#last = last;
    for (; this.#epochsSeen < Math.floor(last.epoch); this.#epochsSeen++) {
      this.#observer.onEpoch(this.#epochsSeen, last);
    }
    if (this.#checkpointer !== null) {
      this.#takeCheckpoint();
      await this.#checkpointer.settled();
    }
    if (!(await this.#evaluations.finish(final, last.updates))) {
      this.#tell({ event: "warning", about: "evaluation" }, last);
    }
    const best = this.#evaluations.takeBest(last.updates);
    if (best !== null) this.#tell({ event: "best", update: best.updates }, last);
    const reason = stopReason(memory.stop.reason);
    this.#tell({ event: "stop", reason }, last);
    const { first, last: ready } = this.#monitor.firstUpdatesAtMs();
    return {
      ...(best?.weights ?? final),
      keptUpdates: best?.updates ?? last.updates,
      progress: this.#progress(),
      firstLoss: this.#monitor.firstLoss(),
      lossCurve: Array.from(
        memory.curve.subarray(0, Math.floor(last.updates / curveBlock)),
        (sum) => sum / curveBlock,
      ),
      order:
        memory.order.length === 0
          ? null
          : {
              workers: memory.shape.workers,
              entries: Int32Array.from(memory.order.subarray(0, orderStride * last.updates)),
            },
      stopReason: reason,
      evaluationSeconds: this.#evaluations.progress.evaluationSeconds,
      phaseMilliseconds: this.#monitor.phaseMilliseconds(),
      rollbacks: this.#rollbacks?.count ?? 0,
      times: { firstUpdate: first, allReady: ready, trained },
    };
  }
}
