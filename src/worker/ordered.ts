/**
 * The loop of the deterministic modes: threads compute the gradients of simulated workers in any order, but updates are made
 * in the order of the schedule.
 *
 * Each simulated worker has one gradient in flight. Its parameters are copied at the moment at which the schedule has the
 * worker read, so any thread may compute the gradient at any time. The thread that holds the board's lock applies those that
 * are ready and next. So the bits of a run depend on the schedule alone, not on the number of threads or their speed.
 */
import { minibatchPlace } from "../data/batch-sizes.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { createSchedule, type OrderedMode } from "../schedule/create-schedule.ts";
import { runLength } from "../schedule/run-length.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { averageGradients } from "./average-gradients.ts";
import type { TrainJob } from "./protocol.ts";
import { SharedTuner } from "./shared-tuner.ts";
import { UpdateStep } from "./update-step.ts";
import { withWorkers } from "./with-workers.ts";
import type { WorkerContext } from "./worker-context.ts";

/** How often a thread with nothing to do checks whether the run was stopped, milliseconds. */
const lookEveryMs = 50;

/** The schedule of a run in a deterministic mode; every thread makes the same. @param examples Number of training examples. */
export function scheduleOf(spec: RunSpec, examples: number): Schedule {
  const { seed } = spec.randomness;
  return createSchedule(
    { ...spec.interleaving, mode: spec.interleaving.mode as OrderedMode },
    {
      maxMinibatches: runLength(spec, examples).maxMinibatches,
      seed,
      sizeOf: (minibatch) => minibatchPlace(minibatch, spec.batching, seed, examples).size,
    },
  );
}

export function ordered(job: TrainJob): Promise<void> {
  const ranks = Array.from({ length: job.spec.interleaving.simulateWorkers }, (_, rank) => rank);
  return withWorkers(job, ranks, (workers) => new OrderedLoop(job, workers).run());
}

class OrderedLoop {
  readonly #rank: number;
  readonly #workers: readonly [WorkerContext, ...WorkerContext[]];
  readonly #steps: readonly UpdateStep[];
  readonly #schedule: Schedule;

  constructor(job: TrainJob, workers: readonly [WorkerContext, ...WorkerContext[]]) {
    this.#rank = job.rank;
    this.#workers = workers;
    this.#steps = workers.map((worker) => {
      const { controller, memory, rank } = worker;
      return new UpdateStep(worker, new SharedTuner(memory, rank, controller));
    });
    this.#schedule = scheduleOf(job.spec, job.shared.dataset.length);
  }

  async run(): Promise<void> {
    const [first] = this.#workers;
    const { board } = first.memory;
    while (!first.stopped) {
      const seen = board.changes;
      if (this.#applyReady() === "finished") return;
      const rank = this.#takeTask();
      if (rank === null) {
        board.awaitChange(seen, lookEveryMs);
        continue;
      }
      const worker = this.#workers[rank];
      worker.clock.start();
      await worker.computeGradient();
      board.finish(rank);
    }
  }

  /** Takes the wanted gradient that is used first, or null if there is none. */
  #takeTask(): number | null {
    const { board } = this.#workers[0].memory;
    for (;;) {
      const wanted = this.#workers.filter(({ rank }) => board.isWanted(rank));
      if (wanted.length === 0) return null;
      const { rank } = wanted.reduce((a, b) => (b.slot.due < a.slot.due ? b : a));
      if (board.take(rank, this.#rank)) return rank;
    }
  }

  /** Applies what is ready and next, unless another thread is doing so. */
  #applyReady(): "finished" | "waiting" {
    const { board, stop } = this.#workers[0].memory;
    for (;;) {
      if (!board.lock.tryAcquire(this.#rank)) return "waiting";
      // A run that is extended past its end has no gradient in flight, and begins anew.
      if (!board.begun || this.#next().length === 0) this.#insideGate(0, () => this.#beginAll());
      let awaited = this.#next();
      while (awaited.length > 0 && awaited.every((worker) => board.isReady(worker)) && !stop.requested) {
        this.#insideGate(awaited[0], () => this.#update(awaited));
        awaited = this.#next();
      }
      // Not if an update throws: no other thread may continue where it broke off.
      board.lock.release(this.#rank);
      if (awaited.length === 0) {
        // The others look again, and end too.
        board.change();
        return "finished";
      }
      // A gradient that became ready while the lock was held is for its holder: the thread that brought it did not get the lock.
      if (stop.requested || !awaited.every((worker) => board.isReady(worker))) return "waiting";
    }
  }

  #next(): readonly number[] {
    const { board } = this.#workers[0].memory;
    return this.#schedule.next(board.step, board.schedule);
  }

  #update(workers: readonly number[]): void {
    const { board } = this.#workers[0].memory;
    const [first] = workers;
    const worker = this.#workers[first];
    if (workers.length > 1) averageGradients(workers.map((rank) => this.#workers[rank]));
    // Before anything else, so that no other thread makes this update again if it fails.
    for (const worker of workers) board.clear(worker);
    board.step++;
    worker.clock.start();
    if (!this.#steps[first].run()) worker.memory.dropped.next();
    this.#begin(workers);
  }

  #beginAll(): void {
    this.#begin(this.#workers.map(({ rank }) => rank));
    this.#workers[0].memory.board.begun = true;
  }

  /** An update and the reads that follow it are one step of the schedule: no copy of the memory shows half of it. */
  #insideGate(rank: number, act: () => void): void {
    this.#workers[rank].insideGate(act);
  }

  /** Hands out the tasks that follow an update of the workers `made`. */
  #begin(made: readonly number[]): void {
    const { board } = this.#workers[0].memory;
    for (const { due, minibatch, worker: rank } of this.#schedule.begin(made, board.step, board.schedule)) {
      const worker = this.#workers[rank];
      worker.clock.start();
      worker.read(minibatch);
      worker.slot.due = due;
      board.want(rank);
    }
  }
}
