/**
 * The one door to Piscina: threads that each run ONE long task, and can be replaced one by one.
 *
 * Owns starting, awaiting and ending the threads. Knows nothing of training; jobs are opaque here. Each thread is a pool of
 * its own, as a pool of several does not say which of them has which task, and ends them without waiting for their end.
 */
import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { freeTurn } from "../ort/turn.ts";

/** The compiled training thread; the package's import map finds it from `src` and from `dist` alike. */
const trainWorkerFile = createRequire(import.meta.url).resolve("#train-worker");

interface ThreadOptions {
  /** Compiled entry of the threads, a module whose default export takes a job. */
  readonly file: string;
  /** JavaScript objects that a thread may have at a time, MiB; null for as many as V8 allows. */
  readonly heapMiB: number | null;
}

export class WorkerPool {
  readonly #options: ThreadOptions;
  readonly #threads: PoolThread[];
  #closed = false;

  /**
   * Starts `threads` threads at once; they load their modules while the caller prepares the jobs.
   *
   * @param options Where the threads are others than for training.
   */
  constructor(threads: number, options: Partial<ThreadOptions> = {}) {
    this.#options = { file: trainWorkerFile, heapMiB: null, ...options };
    this.#threads = Array.from({ length: threads }, () => new PoolThread(this.#options));
  }

  /** Runs one job on a thread. @returns What the job returns. Rejects when it throws or its thread dies. */
  async run(rank: number, job: unknown): Promise<unknown> {
    return this.#threads[rank].run(job);
  }

  /**
   * Ends a thread, dead or alive. A job that it has is rejected.
   *
   * @returns Once it does nothing any more: one that is inside a native call ends when that returns.
   */
  async end(rank: number): Promise<void> {
    await this.#threads[rank].end();
  }

  /** Starts another thread in the place of one that was ended, unless the pool was closed meanwhile. */
  begin(rank: number): void {
    if (!this.#closed) this.#threads[rank] = new PoolThread(this.#options);
  }

  /** Ends all threads, also those that are stuck in JavaScript. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }
}

class PoolThread {
  readonly #pool: Piscina;
  readonly #ended: Promise<unknown>;
  /** Resolves when it has loaded its modules. */
  readonly #loaded: Promise<unknown>;
  /** Rejects if the thread fails while it has no job. */
  readonly #failed: Promise<never>;

  constructor({ file, heapMiB }: ThreadOptions) {
    this.#pool = new Piscina({
      filename: file,
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // A task lasts as long as the run, and its thread needs its event loop in between: no waiting on Atomics.
      atomics: "disabled",
      // A worker allocates a few small objects per update; the default would let each thread keep 16 MiB of them.
      resourceLimits: {
        maxYoungGenerationSizeMb: 2,
        ...(heapMiB === null ? {} : { maxOldGenerationSizeMb: heapMiB }),
      },
    });
    const [worker] = this.#pool.threads as [Worker];
    const { threadId } = worker;
    this.#ended = new Promise((resolve) =>
      worker.once("exit", (code) => {
        // Whoever was ended in its turn could not leave it.
        freeTurn(threadId);
        resolve(code);
      }),
    );
    // The first that a thread of Piscina's says.
    this.#loaded = new Promise((resolve) => worker.once("message", resolve));
    this.#failed = new Promise((_, reject) => {
      this.#pool.on("error", reject);
    });
    // There may be no one to see it.
    this.#failed.catch(() => undefined);
  }

  run(job: unknown): Promise<unknown> {
    const running = this.#pool.run(job);
    // Whoever loses the race must not count as unhandled.
    running.catch(() => undefined);
    return Promise.race([running, this.#failed]);
  }

  async end(): Promise<void> {
    // Node.js can crash when a thread is ended while it loads its modules.
    await Promise.race([this.#loaded, this.#ended, this.#failed.catch(() => undefined)]);
    // The pool may have put another thread in the place of one that died; it does not wait for the first.
    await this.#pool.destroy();
    await this.#ended;
  }
}
