/**
 * Gradients to compute, between threads: which are wanted, who has taken one, which are ready.
 *
 * One int32 per worker: 0 nothing, 1 wanted, 2 ready, 3 + t taken by thread t. Wanted and nothing are written by the holder
 * of the lock of updates, taken by whichever thread takes it (compare-exchange), ready by that thread. A thread that died
 * has its task taken from it by the coordinator. What one of them wrote to the worker's slot before, the next one sees. `changes` counts all of this, so that a thread with nothing to do can sleep
 * until there is something; a wrap would need 2³² changes between two looks.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { type Lifetime, region, transient } from "./layout.ts";
import { TryLock } from "./try-lock.ts";

const state = { nothing: 0, wanted: 1, ready: 2, taken: 3 };

interface TaskBoardViews {
  readonly tasks: Int32Array;
  readonly changes: Int32Array;
  readonly lock: Int32Array;
  readonly progress: Float64Array;
  readonly schedule: Float64Array;
}

export class TaskBoard {
  /** Whoever holds it applies updates and hands out tasks. */
  readonly lock: TryLock;
  /** The schedule's own state; for the holder of {@link lock}. */
  readonly schedule: Float64Array;
  readonly #tasks: Int32Array;
  readonly #changes: Int32Array;
  readonly #progress: Float64Array;
  readonly #atomics: AtomicOperations;

  /** @param lifetime Of what the schedule has handed out and made so far. */
  static regions(workers: number, scheduleLength: number, lifetime: Lifetime) {
    return {
      tasks: region("int32", workers, lifetime),
      changes: region("int32", 1, transient),
      lock: TryLock.regions,
      progress: region("float64", 2, lifetime),
      schedule: region("float64", scheduleLength, lifetime),
    };
  }

  constructor(views: TaskBoardViews, atomics: AtomicOperations = nativeAtomics) {
    this.lock = new TryLock(views.lock, atomics);
    this.schedule = views.schedule;
    this.#tasks = views.tasks;
    this.#changes = views.changes;
    this.#progress = views.progress;
    this.#atomics = atomics;
  }

  /** Updates that the schedule has made, skipped ones included; for the holder of {@link lock}. */
  get step(): number {
    return this.#progress[0];
  }
  set step(value: number) {
    this.#progress[0] = value;
  }

  /** Whether the first tasks were handed out; for the holder of {@link lock}. */
  get begun(): boolean {
    return this.#progress[1] === 1;
  }
  set begun(value: boolean) {
    this.#progress[1] = value ? 1 : 0;
  }

  /** Holder of {@link lock}: this worker's gradient is wanted; its slot says which. */
  want(worker: number): void {
    this.#set(worker, state.wanted);
  }

  /** Takes a worker's wanted gradient for `thread` to compute it. @returns False when another thread has it. */
  take(worker: number, thread: number): boolean {
    const before = this.#atomics.compareExchange(this.#tasks, worker, state.wanted, state.taken + thread);
    return before === state.wanted;
  }

  /** Coordinator: what a dead thread had taken is wanted again. */
  takeBack(thread: number): void {
    const taken = state.taken + thread;
    for (let worker = 0; worker < this.#tasks.length; worker++) {
      if (this.#atomics.compareExchange(this.#tasks, worker, taken, state.wanted) === taken) this.change();
    }
  }

  /** Whether this worker's gradient is wanted and no one has taken it; may change at once. */
  isWanted(worker: number): boolean {
    return this.#atomics.load(this.#tasks, worker) === state.wanted;
  }

  /** The thread that took it: this worker's gradient is in its slot. */
  finish(worker: number): void {
    this.#set(worker, state.ready);
  }

  isReady(worker: number): boolean {
    return this.#atomics.load(this.#tasks, worker) === state.ready;
  }

  /** Holder of {@link lock}: this worker's gradient was used. */
  clear(worker: number): void {
    this.#set(worker, state.nothing);
  }

  /** Wants every gradient anew that was under way or ready: as another run left it, before the threads start. */
  resume(): void {
    for (let worker = 0; worker < this.#tasks.length; worker++) {
      const task = this.#atomics.load(this.#tasks, worker);
      if (task !== state.nothing) this.#atomics.store(this.#tasks, worker, state.wanted);
    }
  }

  /** Wakes whoever waits. */
  change(): void {
    this.#atomics.add(this.#changes, 0, 1);
    this.#atomics.notify(this.#changes, 0);
  }

  /** A number that is another one after each change. */
  get changes(): number {
    return this.#atomics.load(this.#changes, 0);
  }

  /** Sleeps until there was a change since {@link changes} was `seen`, or the time is over. */
  awaitChange(seen: number, timeoutMs: number): void {
    this.#atomics.wait(this.#changes, 0, seen, timeoutMs);
  }

  #set(worker: number, value: number): void {
    this.#atomics.store(this.#tasks, worker, value);
    this.change();
  }
}
