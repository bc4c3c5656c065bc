/** Remembers the best evaluation of a run: by accuracy where there is one, else by loss; the earlier of equals. */
import type { Evaluation } from "../task/evaluator.ts";

interface Candidate<T> {
  readonly evaluation: Evaluation;
  /** Updates behind what was evaluated. */
  readonly updates: number;
  /** What was evaluated; null where it is not to be kept. */
  readonly kept: T | null;
}

/** @typeParam T What was evaluated. */
export class BestEvaluation<T> {
  #best: Candidate<T> | null = null;
  #worseInARow = 0;

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
    if (this.#best !== null && !isBetter(evaluation, this.#best.evaluation)) {
      this.#worseInARow++;
      return;
    }
    this.#best = { evaluation, updates, kept };
    this.#worseInARow = 0;
  }
}

/** A loss that is no number is worse than any. */
function isBetter(one: Evaluation, other: Evaluation): boolean {
  if (one.accuracy !== null && other.accuracy !== null) return one.accuracy > other.accuracy;
  return one.loss < other.loss || (Number.isNaN(other.loss) && !Number.isNaN(one.loss));
}
