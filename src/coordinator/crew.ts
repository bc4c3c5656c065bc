/**
 * The threads of a run: one job each, and a successor for whoever throws, exits, runs out of heap or stalls.
 *
 * A successor goes on where the thread before it stood: locks are freed, a minibatch that was claimed is used, what a schedule
 * wanted is wanted again. Not every failure has a successor:
 *
 *   a {@link YfError} from a worker   ends the run: it says what cannot be computed, and the next one could not either
 *   too many faults                   end it, with the reason of the last one (`fault-tally.ts`)
 *   a death within an update          is counted like any other where workers run free, and lose a part of an update to each
 *                                     other anyway; where the bits of a run are promised, by its mode, by
 *                                     having one worker, or by a record of its order, it ends the run
 *
 * The run ends with the stop flag first, so that the others finish the update that they are in; the caller then closes the
 * pool, which cuts off whoever has not ended within the grace time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cannot, YfError } from "../errors.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import type { JobFailure, TrainJob } from "../worker/protocol.ts";
import { type FaultPolicy, FaultTally } from "./fault-tally.ts";
import { freeDead } from "./free-dead.ts";
import type { WorkerPool } from "./pool.ts";
import { StallWatch } from "./stall-watch.ts";
import { stopCode } from "./stop-reason.ts";

/** Time for the other workers to finish the update that they are in after one has failed. */
const graceMs = 5_000;

/** A job but for what the crew adds. */
export type CrewJob = Omit<TrainJob, "heartbeat">;

export interface CrewOptions {
  readonly pool: WorkerPool;
  readonly jobs: readonly CrewJob[];
  readonly memory: RunMemory;
  readonly policy: FaultPolicy;
  /** Hears of every fault that the run survives, in one line for people. */
  onFault(text: string): void;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #tally: FaultTally;
  readonly #watch: StallWatch;
  /** Why threads that are being ended are, by rank. */
  readonly #stalled = new Map<number, string>();
  /** Ranks whose job runs just now. */
  readonly #running = new Set<number>();
  #lookedAt = performance.now();
  /** The run has failed: whoever ends now was ended for it. */
  #over = false;

  constructor(options: CrewOptions) {
    const { jobs, policy } = options;
    this.#options = options;
    this.#tally = new FaultTally(jobs.length, policy);
    this.#watch = new StallWatch(jobs.length, policy.stallMs);
  }

  /** Faults of each thread so far. */
  get faults(): readonly number[] {
    return this.#tally.counts;
  }

  /** Runs every job to its end. @throws {YfError} Of the first worker that has no successor, with its rank and update. */
  async run(): Promise<void> {
    const { jobs, memory } = this.#options;
    const running = jobs.map(async (job) => {
      try {
        while (!(await this.#runOnce(job)));
      } catch (error) {
        memory.stop.request(stopCode("failed"));
        throw error;
      }
    });
    try {
      await Promise.all(running);
    } catch (error) {
      await Promise.race([Promise.allSettled(running), sleep(graceMs, undefined, { ref: false })]);
      this.#over = true;
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

  /** @returns Whether the job came to its end, or nobody wants it any more. */
  async #runOnce(job: CrewJob): Promise<boolean> {
    const { memory, pool } = this.#options;
    const { rank } = job;
    this.#watch.begin(rank);
    this.#running.add(rank);
    try {
      const failure = (await pool.run(rank, {
        ...job,
        heartbeat: this.#watch.cells[rank],
      })) as JobFailure | null;
      if (failure === null) return true;
      throw new YfError(failure.code, failure.message, failure.details);
    } catch (error) {
      if (error instanceof YfError) throw error;
      if (this.#over) return true;
      this.#running.delete(rank);
      await this.#replace(
        job,
        this.#stalled.get(rank) ?? (error instanceof Error ? error.message : String(error)),
      );
      this.#stalled.delete(rank);
      return memory.stop.requested;
    } finally {
      this.#running.delete(rank);
    }
  }

  /** Puts a fresh thread in the place of one that failed. @throws {YfError} WORKER_FAILED if the run cannot go on. */
  async #replace({ mode, rank }: CrewJob, reason: string): Promise<void> {
    const { jobs, memory, onFault, pool } = this.#options;
    // First of all it must do nothing any more.
    await pool.end(rank);
    const update = memory.updates.value;
    const torn = freeDead(memory, { mode, rank });
    const own = isOrdered(mode) ? update : memory.worker(rank).updates;
    const verdict = this.#tally.add(rank, performance.now(), own);
    const fail = (rule: string) =>
      new YfError(
        "WORKER_FAILED",
        cannot("continue training", `${rule} (worker ${rank} at update ${update})`, reason),
        { rank, update },
      );
    if ("rule" in verdict) throw fail(verdict.rule);
    if (torn && (jobs.length === 1 || isOrdered(mode) || memory.order.length > 0)) {
      throw fail("no worker may die within an update where the bits of a run are promised");
    }
    pool.begin(rank);
    onFault(`worker ${rank} failed at update ${update} and is replaced: ${reason}`);
    await sleep(verdict.pauseMs);
  }
}
