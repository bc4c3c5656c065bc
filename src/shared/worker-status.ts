/**
 * What one worker tells about itself: sums since the start of the run, for the coordinator to look at.
 *
 * Writer: that worker alone (a restarted worker continues where its predecessor ended). Readers: any thread, at any
 * time. Every field is one aligned double; the ECMAScript standard allows a double to tear, no 64-bit machine
 * does it. The fields of one reading may be a few updates apart (R8 in RACES.md).
 */
import { Histogram } from "./histogram.ts";
import { kept, region } from "./layout.ts";

/** The phases of an update that are timed, in order: where each one's time is in {@link WorkerStatus.phases}. */
export const phase = {
  read: 0,
  batch: 1,
  gradient: 2,
  observe: 3,
  tune: 4,
  apply: 5,
  stamp: 6,
} as const;

export type PhaseName = keyof typeof phase;
export type Phase = (typeof phase)[PhaseName];

export const phaseNames = Object.keys(phase) as PhaseName[];
/** Staleness is counted one by one below this. */
const stalenessBuckets = 512;

interface WorkerStatusViews {
  readonly sums: Float64Array;
  readonly phases: Float64Array;
  readonly staleness: Uint32Array;
}

export class WorkerStatus {
  /** Milliseconds spent in each phase, by {@link Phase}. */
  readonly phases: Float64Array;
  /** How often each staleness τ occurred. */
  readonly staleness: Histogram;
  readonly #sums: Float64Array;

  static readonly regions = {
    sums: region("float64", 8, kept),
    phases: region("float64", phaseNames.length, kept),
    staleness: Histogram.regions(stalenessBuckets),
  };

  constructor(views: WorkerStatusViews) {
    this.phases = views.phases;
    this.staleness = new Histogram(views.staleness);
    this.#sums = views.sums;
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

  /** Wall-clock time of this worker's first update in this process, milliseconds since 1970; 0 before. */
  get firstUpdateAtMs(): number {
    return this.#sums[3];
  }

  /** Examples behind all {@link updates}. */
  get examples(): number {
    return this.#sums[4];
  }

  /** Sum of the losses of all {@link examples}: minibatches count by their sizes. */
  get exampleLossSum(): number {
    return this.#sums[5];
  }

  /** The mean loss of this worker's first minibatch, and the examples in it; both 0 before. */
  get firstMinibatch(): { readonly loss: number; readonly examples: number } {
    return { loss: this.#sums[6], examples: this.#sums[7] };
  }

  /** A new process continues these sums, before its threads start. */
  resume(): void {
    this.#sums[3] = 0;
  }

  /**
   * Worker: counts one update.
   *
   * @param loss Mean loss of its minibatch, finite. @param staleness τ, an integer ≥ 0. @param examples Behind it.
   */
  countUpdate(loss: number, staleness: number, examples: number): void {
    if (this.#sums[3] === 0) this.#sums[3] = performance.timeOrigin + performance.now();
    if (this.#sums[0] === 0) {
      this.#sums[6] = loss;
      this.#sums[7] = examples;
    }
    this.staleness.add(staleness);
    this.#sums[1] += loss;
    this.#sums[2] += staleness;
    this.#sums[4] += examples;
    this.#sums[5] += loss * examples;
    this.#sums[0]++;
  }
}
