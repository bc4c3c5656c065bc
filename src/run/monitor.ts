/**
 * Reads the telemetry of a running training out of shared memory: rates, loss, staleness, the three momenta.
 *
 * Workers only ever add to their own counters; everything here is the difference of two readings, so that watching
 * costs the workers nothing.
 */
import type { RunMemory } from "../shared/run-memory.ts";
import type { WorkerStatus } from "../shared/worker-status.ts";
import { phaseNames } from "../shared/worker-status.ts";
import { decisionLength, hyperparametersCodec, telemetryCodec, telemetryStart } from "../worker/records.ts";

/** Rates and the training loss are means over the last so many readings (about two seconds). */
const windowLength = 20;

/** Examples in a minibatch from which on its loss is hardly ever a hundredth of what others have. */
const fewestExamples = 8;

/** Sums over all workers since the start. */
interface Totals {
  readonly seconds: number;
  readonly updates: number;
  readonly lossSum: number;
}

/** What the shared memory says at one moment. */
export interface Telemetry {
  /** Of training: since the first update of any worker, 0 before it; of all processes that worked at the run. */
  readonly seconds: number;
  readonly updates: number;
  /** Behind all updates. */
  readonly examples: number;
  readonly updatesPerSecond: number;
  /** Mean minibatch loss over the window, NaN before the first update. */
  readonly loss: number;
  /** Counts per staleness since the start; the last bin holds all that is staler. */
  readonly stalenessCounts: readonly number[];
  readonly momentumTarget: number;
  readonly momentumTotal: number;
  readonly momentumAlgorithmic: number;
  readonly learningRate: number;
  readonly skippedGradients: number;
  readonly droppedGradients: number;
  readonly missedObservations: number;
  /** By rank. */
  readonly workerUpdates: readonly number[];
  readonly workerStaleness: readonly number[];
  readonly workerBusySeconds: readonly number[];
}

export class Monitor {
  readonly #memory: RunMemory;
  readonly #statuses: readonly WorkerStatus[];
  readonly #window: Totals[] = [];
  readonly #record = new Float64Array(decisionLength);
  readonly #secondsBefore: number;

  /** @param secondsBefore Of training, by another process that this one resumes; else 0. */
  constructor(memory: RunMemory, secondsBefore: number) {
    this.#memory = memory;
    this.#statuses = Array.from({ length: memory.shape.workers }, (_, rank) => memory.worker(rank));
    this.#secondsBefore = secondsBefore;
    this.#window.push(this.#totals());
  }

  /** Means are of what comes from now on: the run went back. */
  forget(): void {
    this.#window.length = 0;
    this.#window.push(this.#totals());
  }

  read(): Telemetry {
    const memory = this.#memory;
    const statuses = this.#statuses;
    const now = this.#totals();
    const from = this.#window[0] as Totals;
    this.#window.push(now);
    if (this.#window.length > windowLength) this.#window.shift();
    memory.hyperparameters.read(this.#record);
    const hyperparameters = hyperparametersCodec.create();
    hyperparametersCodec.decode(this.#record, hyperparameters);
    const shown = telemetryCodec.create();
    telemetryCodec.decode(this.#record, shown, telemetryStart);
    return {
      seconds: now.seconds,
      updates: memory.updates.value,
      examples: sum(statuses.map(({ examples }) => examples)),
      updatesPerSecond: (now.updates - from.updates) / (now.seconds - from.seconds),
      loss: (now.lossSum - from.lossSum) / (now.updates - from.updates),
      stalenessCounts: addHistograms(statuses.map((status) => status.staleness.counts)),
      momentumTarget: shown.targetMomentum,
      momentumTotal: shown.totalMomentum,
      momentumAlgorithmic: hyperparameters.momentum,
      learningRate: hyperparameters.learningRate,
      skippedGradients: memory.skipped.value,
      droppedGradients: memory.dropped.value,
      missedObservations: sum(memory.rings.map(({ dropped }) => dropped)),
      workerUpdates: statuses.map(({ updates }) => updates),
      workerStaleness: statuses.map(({ stalenessSum, updates }) => stalenessSum / updates),
      workerBusySeconds: statuses.map((status) => sum(Array.from(status.phases)) / 1000),
    };
  }

  /**
   * The loss of the first minibatch of the worker that was first to make an update: a later one may have come after a step too long, or
   * after all was learnt. Null for none, and where it is too small to say anything.
   */
  firstLoss(): number | null {
    const begun = this.#statuses.filter(({ firstUpdateAtMs }) => firstUpdateAtMs > 0);
    if (begun.length === 0) return null;
    const first = begun.reduce((a, b) => (b.firstUpdateAtMs < a.firstUpdateAtMs ? b : a)).firstMinibatch;
    return first.examples >= fewestExamples ? first.loss : null;
  }

  #totals(): Totals {
    return {
      seconds: this.#secondsBefore + this.#secondsSinceFirstUpdate(),
      updates: sum(this.#statuses.map((status) => status.updates)),
      lossSum: sum(this.#statuses.map((status) => status.lossSum)),
    };
  }

  /**
   * When workers made their first update in this process, in milliseconds since 1970: the first of them and the last; 0
   * for never.
   */
  firstUpdatesAtMs(): { first: number; last: number } {
    const times = this.#statuses.map(({ firstUpdateAtMs }) => firstUpdateAtMs).filter((time) => time > 0);
    const all = times.length === this.#statuses.length;
    return times.length === 0
      ? { first: 0, last: 0 }
      : { first: Math.min(...times), last: all ? Math.max(...times) : 0 };
  }

  #secondsSinceFirstUpdate(): number {
    const { first } = this.firstUpdatesAtMs();
    return first === 0 ? 0 : Math.max(0, performance.timeOrigin + performance.now() - first) / 1000;
  }

  /** Milliseconds that all workers together spent in each phase since the start. */
  phaseMilliseconds(): Record<string, number> {
    return Object.fromEntries(
      phaseNames.map((phase, index) => [phase, sum(this.#statuses.map((status) => status.phases[index]))]),
    );
  }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function addHistograms(histograms: readonly Uint32Array[]): number[] {
  const [first] = histograms;
  return Array.from(first, (_, bin) => sum(histograms.map((counts) => counts[bin])));
}
