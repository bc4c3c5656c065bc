/** Remembers the best evaluation of a run; the earlier of equals. */
import type { Evaluation } from "../task/evaluator.ts";
import type { MonitoredMetric } from "../tfjs/metrics/output-metrics.ts";

interface Candidate<T> {
  readonly evaluation: Evaluation;
  /** Updates behind what was evaluated. */
  readonly updates: number;
  /** What was evaluated; null where it is not to be kept. */
  readonly kept: T | null;
}

/** What decides: a metric, and which way it gets better. */
type Decider = Pick<MonitoredMetric, "isBetterHigher" | "name">;

/** @typeParam T What was evaluated. */
export class BestEvaluation<T> {
  readonly #monitored: Decider | null;
  #best: Candidate<T> | null = null;
  #worseInARow = 0;

  /** @param monitored Null for accuracy where there is one, else loss. */
  constructor(monitored: Decider | null) {
    this.#monitored = monitored;
  }

  /** Null before the first evaluation. */
  get best(): Candidate<T> | null {
    return this.#best;
  }

  /** Evaluations since the best one. */
  get worseInARow(): number {
    return this.#worseInARow;
  }

  /** Goes on from another one's results. */
  restore(best: Candidate<T>, worseInARow: number): void {
    this.#best = best;
    this.#worseInARow = worseInARow;
  }

  take(evaluation: Evaluation, updates: number, kept: T | null): void {
    if (this.#best !== null && !this.#isBetter(evaluation, this.#best.evaluation)) {
      this.#worseInARow++;
      return;
    }
    this.#best = { evaluation, updates, kept };
    this.#worseInARow = 0;
  }

  #isBetter(one: Evaluation, other: Evaluation): boolean {
    if (this.#monitored !== null) {
      const { isBetterHigher, name } = this.#monitored;
      const [mine, its] = [one, other].map(({ metrics }) => metrics[name] ?? Number.NaN);
      return isBetterHigher ? isLower(-mine, -its) : isLower(mine, its);
    }
    if (one.accuracy !== null && other.accuracy !== null) return one.accuracy > other.accuracy;
    return isLower(one.loss, other.loss);
  }
}

/** What is no number is worse than any. */
function isLower(one: number, other: number): boolean {
  return one < other || (Number.isNaN(other) && !Number.isNaN(one));
}
