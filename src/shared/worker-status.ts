/**
 * What one worker tells about itself: sums since the start of the run, for the coordinator to look at.
 *
 * Writer: that worker alone (a restarted worker goes on where its predecessor ended). Readers: any thread, at any
 * time. Every field is one aligned double; the ECMAScript standard allows a double to tear, no 64-bit machine
 * does it. The fields of one reading may be a few updates apart (R8 in RACES.md).
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { Histogram } from "./histogram.ts";
import { region } from "./layout.ts";

/** Phases of an update that are timed. */
const phaseCount = 7;
/** Staleness is counted one by one below this. */
const stalenessBuckets = 512;

interface WorkerStatusViews {
  readonly ready: Int32Array;
  readonly sums: Float64Array;
  readonly phases: Float64Array;
  readonly staleness: Uint32Array;
}

export class WorkerStatus {
  /** Milliseconds spent in each of the seven phases. */
  readonly phases: Float64Array;
  /** How often each staleness τ occurred. */
  readonly staleness: Histogram;
  readonly #sums: Float64Array;
  readonly #ready: Int32Array;
  readonly #atomics: AtomicOperations;

  static readonly regions = {
    ready: region("int32", 1),
    sums: region("float64", 3),
    phases: region("float64", phaseCount),
    staleness: Histogram.regions(stalenessBuckets),
  };

  constructor(views: WorkerStatusViews, atomics: AtomicOperations = nativeAtomics) {
    this.phases = views.phases;
    this.staleness = new Histogram(views.staleness);
    this.#sums = views.sums;
    this.#ready = views.ready;
    this.#atomics = atomics;
  }

  /** Updates that this worker applied. */
  get updates(): number {
    return this.#sums[0];
  }

  /** Sum of the mean losses of the minibatches behind {@link updates}. */
  get lossSum(): number {
    return this.#sums[1];
  }

  /** Sum of the staleness of all {@link updates}. */
  get stalenessSum(): number {
    return this.#sums[2];
  }

  /**
   * Worker: counts one update.
   *
   * @param loss Mean loss of its minibatch, finite. @param staleness τ, an integer ≥ 0.
   */
  countUpdate(loss: number, staleness: number): void {
    this.staleness.add(staleness);
    this.#sums[1] += loss;
    this.#sums[2] += staleness;
    this.#sums[0]++;
  }

  /** Worker: it is set up and about to begin. */
  markReady(): void {
    this.#atomics.store(this.#ready, 0, 1);
    this.#atomics.notify(this.#ready, 0);
  }

  get ready(): boolean {
    return this.#atomics.load(this.#ready, 0) !== 0;
  }

  /** Sleeps until the worker is ready. @returns False when `timeoutMs` passed first. */
  waitReady(timeoutMs: number): boolean {
    return this.#atomics.wait(this.#ready, 0, 0, timeoutMs) !== "timed-out";
  }
}
