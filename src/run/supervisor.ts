/**
 * The threads of a run: one job each, and a successor for whoever throws, exits, runs out of heap or stalls.
 *
 * A successor continues where the thread before it stood: locks are freed, a minibatch that was claimed is used, what a schedule
 * wanted is wanted again. Not every failure has a successor:
 *
 *   a {@link YfError} from a worker   ends the run: it says what cannot be computed, and the next one could not either; but
 *                                     from a model that is not finite the run may go back (`rollbacks.ts`)
 *   too many faults                   end it, with the reason of the last one (`restart-policy.ts`)
 *   a death within an update          is counted like any other where workers run free, and lose a part of an update to each
 *                                     other anyway; where the bits of a run are promised, by its mode, by
 *                                     having one worker, or by a record of its order, the run goes back, or ends
 *
 * The run ends with the stop flag first, so that the others finish the update that they are in; the caller then closes the
 * pool, which cuts off whoever has not ended within the grace time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cannot, YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";
import type { RunNews } from "../report/run-event.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import type { JobFailure, SharedParts, TrainJob } from "../worker/protocol.ts";
import type { WorkerPool } from "./pool.ts";
import { reclaimAllWorkers, reclaimDeadWorker } from "./reclaim-dead-worker.ts";
import { RestartPolicy } from "./restart-policy.ts";
import type { RollbackCause, Rollbacks } from "./rollbacks.ts";
import { StallWatch } from "./stall-watch.ts";
import { stopCode } from "./stop-reason.ts";

/** Time for the other workers to finish the update that they are in after one has failed. */
const graceMs = 5_000;
/** The same for native calls, as a thread that is ended inside of one takes the process with it. */
const nativeGraceMs = 30_000;
/** How often a thread that starts is looked at. */
const lookEveryMs = 10;

/** What the threads of a run have alike. */
export interface RunWork {
  readonly spec: RunSpec;
  readonly shared: Omit<SharedParts, "heartbeat">;
  readonly programs: TrainJob["programs"];
}

export interface SupervisorOptions {
  readonly pool: WorkerPool;
  readonly work: RunWork;
  readonly memory: RunMemory;
  /** Null where the run never goes back. */
  readonly rollbacks: Rollbacks | null;
  /** Hears of every fault that the run survives. */
  onFault(fault: RunNews & { readonly event: "fault" }): void;
  /** Hears that the run went back, before the threads start again. */
  onRollback(rollback: RunNews & { readonly event: "rollback" }): void;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #ranks: readonly number[];
  readonly #restartPolicy: RestartPolicy;
  readonly #watch: StallWatch;
  /** Why threads that are being ended are, by rank. */
  readonly #stalled = new Map<number, string>();
  /** Ranks whose job runs just now. */
  readonly #running = new Set<number>();
  #lookedAt = performance.now();
  /** Times that all threads were ended and began again: failures of before are dealt with. */
  #generation = 0;
  /** Threads are replaced one after the other, or all at once. */
  #turn: Promise<unknown> = Promise.resolve();
  #fail: (error: unknown) => void = () => undefined;
  /** The run has failed: whoever ends now was ended for it. */
  #over = false;

  constructor(options: SupervisorOptions) {
    const { faults, interleaving } = options.work.spec;
    this.#options = options;
    this.#ranks = Array.from({ length: interleaving.workers }, (_, rank) => rank);
    this.#restartPolicy = new RestartPolicy(interleaving.workers, faults.maxFaults);
    this.#watch = new StallWatch(interleaving.workers, 1000 * faults.stallAfterSeconds);
  }

  /** Faults of each thread so far. */
  get faults(): readonly number[] {
    return this.#restartPolicy.counts;
  }

  /** Runs every job to its end. @throws {YfError} Of the first worker that has no successor, with its rank and update. */
  async run(): Promise<void> {
    const { memory } = this.#options;
    const running = this.#ranks.map(async (rank) => {
      while (!(await this.#runOnce(rank)));
    });
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    const all = Promise.all(running);
    try {
      await Promise.race([all, failed]);
    } catch (error) {
      memory.stop.request(stopCode("failed"));
      await Promise.race([Promise.allSettled(running), sleep(graceMs, undefined, { ref: false })]);
      this.#over = true;
      memory.native.close(nativeGraceMs);
      throw error;
    }
  }

  /** Ends threads that stall, so that they are replaced. To be called a few times a second, but not while the run pauses. */
  look(): void {
    const now = performance.now();
    for (const rank of this.#watch.look(now - this.#lookedAt)) {
      if (!this.#running.has(rank) || this.#stalled.has(rank)) continue;
      this.#stalled.set(rank, "no sign of life for too long");
      // Its job is rejected, and all else follows from that.
      void this.#options.pool.end(rank);
    }
    this.#lookedAt = now;
  }

  /** Takes the run back as its model diverged, or ends it with that error if it may not. */
  diverged(error: YfError): void {
    void this.#alone(this.#generation, () => this.#goBackOr(error)).catch((failure: unknown) =>
      this.#fail(failure),
    );
  }

  /** @returns Whether the job came to its end, or it is no longer wanted. */
  async #runOnce(rank: number): Promise<boolean> {
    const { memory } = this.#options;
    const generation = this.#generation;
    this.#watch.begin(rank);
    this.#running.add(rank);
    try {
      await this.#work(rank);
      // If the run goes back just now, there is work again.
      await this.#turn;
      return generation === this.#generation || memory.stop.requested;
    } catch (error) {
      if (this.#over) return true;
      this.#running.delete(rank);
      const pauseMs = await this.#alone(generation, () => this.#dealWith(error, rank));
      if (pauseMs !== undefined) await sleep(pauseMs);
      return memory.stop.requested;
    } finally {
      this.#running.delete(rank);
    }
  }

  /** @throws {YfError} What the worker says. Rejects with anything else if its thread fails. */
  async #work(rank: number): Promise<void> {
    const { pool, rollbacks, work } = this.#options;
    const { programs, shared, spec } = work;
    const { optimizer } = spec;
    const learningRateFactor = optimizer.learningRateFactor * (rollbacks?.learningRateFactor ?? 1);
    const job: TrainJob = {
      rank,
      spec: { ...spec, optimizer: { ...optimizer, learningRateFactor } },
      shared: { ...shared, heartbeat: this.#watch.cells[rank] },
      programs,
    };
    const failure = (await pool.run(rank, job)) as JobFailure | null;
    if (failure !== null) throw new YfError(failure.code, failure.message, failure.details);
  }

  /** Does one thing at a time, and nothing about what happened before the run went back. */
  async #alone<T>(generation: number, act: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#turn.then(() => (generation === this.#generation ? act() : undefined));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** @returns Milliseconds to wait. @throws {YfError} If the run cannot continue. */
  async #dealWith(error: unknown, rank: number): Promise<number> {
    if (error instanceof YfError) {
      if (error.code !== "NON_FINITE") throw error;
      await this.#goBackOr(error);
      return 0;
    }
    const reason = this.#stalled.get(rank) ?? (error instanceof Error ? error.message : String(error));
    this.#stalled.delete(rank);
    return this.#replace(rank, reason);
  }

  /** Puts a fresh thread in the place of one that failed. @throws {YfError} WORKER_FAILED if the run cannot continue. */
  async #replace(rank: number, reason: string): Promise<number> {
    const { memory, onFault, pool, work } = this.#options;
    const { mode } = work.spec.interleaving;
    // First of all it must do nothing any more.
    await pool.end(rank);
    const update = memory.updates.value;
    const torn = reclaimDeadWorker(memory, mode, rank);
    const own = isOrdered(mode) ? update : memory.worker(rank).updates;
    const verdict = this.#restartPolicy.add(rank, performance.now(), own);
    const fail = (rule: string) =>
      new YfError(
        "WORKER_FAILED",
        cannot("continue training", `${rule} (worker ${rank} at update ${update})`, reason),
        { rank, update },
      );
    if ("rule" in verdict) throw fail(verdict.rule);
    onFault({ event: "fault", rank, update, reason });
    if (torn && (this.#ranks.length === 1 || isOrdered(mode) || memory.order.length > 0)) {
      const error = fail("a worker died during an update, so this deterministic run cannot continue");
      await this.#goBackOr(error, "torn");
    } else {
      pool.begin(rank);
    }
    return verdict.pauseMs;
  }

  /** Waits for threads that start: Node.js can crash when one is ended while it loads its modules. */
  async #allBegun(): Promise<void> {
    const deadline = performance.now() + graceMs;
    const starts = () => [...this.#running].some((rank) => !this.#watch.hasBegun(rank));
    while (starts() && performance.now() < deadline) await sleep(lookEveryMs);
  }

  /** @throws `error` if the run may not go back. */
  async #goBackOr(error: YfError, cause: RollbackCause = "diverged"): Promise<void> {
    const { memory, onRollback, pool, rollbacks, work } = this.#options;
    // A repeated order has its learning rates, and a recorded one would not have the change.
    const fixed = memory.order.length > 0 || work.spec.interleaving.mode === "replay";
    if (rollbacks === null || memory.stop.requested) throw error;
    if (!rollbacks.mayGoBack(cause) || (cause === "diverged" && fixed)) throw error;
    const from = memory.updates.value;
    this.#generation++;
    this.#stalled.clear();
    await this.#allBegun();
    // Whoever computes comes out first, and no one goes in again.
    memory.native.close(nativeGraceMs);
    await Promise.all(this.#ranks.map((rank) => pool.end(rank)));
    reclaimAllWorkers(memory, this.#ranks.length);
    memory.native.open();
    const went = { event: "rollback", from, to: rollbacks.restore(cause) } as const;
    const { count, most } = rollbacks;
    onRollback(
      cause === "torn" ? { ...went, cause } : { ...went, cause, count, most, reason: error.message },
    );
    for (const rank of this.#ranks) pool.begin(rank);
  }
}
