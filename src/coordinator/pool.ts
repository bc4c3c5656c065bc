/**
 * The one door to Piscina: threads that each run ONE long task.
 *
 * Owns starting, awaiting and ending the threads. Knows nothing of training; jobs are opaque here.
 */
import { createRequire } from "node:module";
import { Piscina } from "piscina";

/** The compiled training thread; the package's import map finds it from `src` and from `dist` alike. */
const trainWorkerFile = createRequire(import.meta.url).resolve("#train-worker");

export class WorkerPool {
  readonly #pool: Piscina;

  /**
   * Starts `threads` threads at once; they load their modules while the caller prepares the jobs.
   *
   * @param file Compiled entry of the threads, a module whose default export takes a job.
   */
  constructor(threads: number, file: string = trainWorkerFile) {
    this.#pool = new Piscina({
      filename: file,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      // A task lasts as long as the run, and its thread needs its event loop in between: no waiting on Atomics.
      atomics: "disabled",
      // A worker allocates a few small objects per update; the default would let each thread keep 16 MiB of them.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    // A thread that fails before it has a task reports here; its task will fail with the same error.
    this.#pool.on("error", (error: unknown) => {
      this.#startError ??= error;
    });
  }

  #startError: unknown;

  /** Runs one job on a free thread. @returns What the job returns. Rejects when it throws or its thread dies. */
  async run(job: unknown): Promise<unknown> {
    if (this.#startError !== undefined) throw this.#startError;
    return this.#pool.run(job);
  }

  /** Ends all threads, also those that are stuck. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
