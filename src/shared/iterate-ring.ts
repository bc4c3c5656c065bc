/**
 * The last iterates x_r of a run at a few sampled coordinates, and the learning rate α_r of the step out of each.
 *
 * x_r is the parameter vector after r updates of all workers together. The worker of update r − 1 writes the
 * sample of x_r, the worker of update r writes α_r, in either order; each has stamps of its own. Readers: every
 * worker, about iterates as old as its own gradient. Valid while the stamps say so. RACE (by design, R4 in
 * RACES.md): the coordinates of one sample are read while other workers write them, so a sample may hold parts
 * of later updates.
 */
import { type AtomicOperations, nativeAtomics } from "./atomics.ts";
import { kept, region } from "./layout.ts";
import { StampedSlots } from "./stamped-slots.ts";

interface IterateRingViews {
  readonly sampleStamps: Int32Array;
  readonly samples: Float32Array;
  readonly stepStamps: Int32Array;
  readonly steps: Float64Array;
}

export class IterateRing {
  readonly sampleCount: number;
  readonly slots: number;
  readonly #sampleSlots: StampedSlots;
  readonly #samples: Float32Array;
  readonly #stepSlots: StampedSlots;
  readonly #steps: Float64Array;

  /** @param slots More than the largest staleness of interest plus 2. @param sampleCount Coordinates a sample. */
  static regions(slots: number, sampleCount: number) {
    return {
      sampleStamps: region("int32", slots, kept),
      samples: region("float32", slots * sampleCount, kept),
      stepStamps: region("int32", slots, kept),
      steps: region("float64", slots, kept),
    };
  }

  constructor(views: IterateRingViews, atomics: AtomicOperations = nativeAtomics) {
    this.slots = views.steps.length;
    this.sampleCount = views.samples.length / this.slots;
    this.#sampleSlots = new StampedSlots(views.sampleStamps, atomics);
    this.#samples = views.samples;
    this.#stepSlots = new StampedSlots(views.stepStamps, atomics);
    this.#steps = views.steps;
  }

  /**
   * Samples x_r.
   *
   * @param parameters Flat parameters. @param indices Which of them, `sampleCount` indices.
   * @returns False when the slot was another writer's or newer: this iterate will be missing.
   */
  write(r: number, parameters: Float32Array, indices: Int32Array): boolean {
    if (!this.#sampleSlots.begin(r)) return false;
    const start = this.#sampleSlots.slotOf(r) * this.sampleCount;
    for (let i = 0; i < this.sampleCount; i++) this.#samples[start + i] = parameters[indices[i]];
    this.#sampleSlots.end(r);
    return true;
  }

  /** Notes α_r. Returns false as {@link write} does. */
  setStep(r: number, learningRate: number): boolean {
    if (!this.#stepSlots.begin(r)) return false;
    this.#steps[this.#stepSlots.slotOf(r)] = learningRate;
    this.#stepSlots.end(r);
    return true;
  }

  /**
   * Copies the sample of x_r.
   *
   * @param into `sampleCount` numbers; their content is of no use when the result is false.
   * @returns False when x_r was not written, is being written or was overwritten.
   */
  read(r: number, into: Float32Array): boolean {
    if (r < 0 || !this.#sampleSlots.holds(r)) return false;
    const start = this.#sampleSlots.slotOf(r) * this.sampleCount;
    for (let i = 0; i < this.sampleCount; i++) into[i] = this.#samples[start + i];
    return this.#sampleSlots.stillHolds(r);
  }

  /** α_r, or NaN when it was not noted, is being noted or was overwritten. */
  stepOf(r: number): number {
    if (r < 0 || !this.#stepSlots.holds(r)) return Number.NaN;
    const step = this.#steps[this.#stepSlots.slotOf(r)];
    return this.#stepSlots.stillHolds(r) ? step : Number.NaN;
  }
}
