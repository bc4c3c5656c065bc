/**
 * The evaluations of a run while it trains and at its end: when one is due, which was the best, and what follows from it.
 *
 * One at a time; training does not wait for it. Copying what is evaluated is the caller's matter. Whoever asks a run to end
 * does not wait for an evaluation either: one that is under way is cut off, and the last one has little time.
 */
import type { RunSpec } from "../options/run-spec.ts";
import type { KeptWeights } from "../resume/checkpointer.ts";
import { bestSections, type KeptProgress } from "../resume/kept-progress.ts";
import type { ResumedRun } from "../resume/resumed-run.ts";
import type { StopFlag } from "../shared/stop-flag.ts";
import type { Evaluation, Evaluator } from "../task/evaluator.ts";
import { BestEvaluation } from "./best-evaluation.ts";
import { stopCode } from "./stop-reason.ts";

/** Time for the last evaluation of a run that was asked to end. */
const graceMs = 500;

export interface EvaluationPlan {
  /** Null when there is no test set. */
  readonly evaluator: Evaluator | null;
  /** When to evaluate, and which evaluation ends the run. */
  readonly stopping: RunSpec["stopping"];
  /** Asks the run to end. */
  readonly signal: AbortSignal | null;
}

/** What of a run's progress is about its evaluations. */
type EvaluationProgress = Pick<
  KeptProgress,
  "best" | "evaluatedAt" | "evaluation" | "evaluationSeconds" | "nextEvaluation" | "worseInARow"
>;

/** Where a run stands. */
interface Moment {
  readonly epoch: number;
  /** Of training. */
  readonly seconds: number;
  readonly updates: number;
}

export class RunEvaluations {
  readonly #plan: EvaluationPlan;
  readonly #stop: StopFlag;
  readonly #tell: (evaluation: Evaluation) => void;
  readonly #best: BestEvaluation<KeptWeights>;
  #newest: Evaluation | null = null;
  /** Updates behind the newest evaluation, so that the last one is not made twice. */
  #evaluatedAt = -1;
  #milliseconds = 0;
  /** The evaluation that runs while training does. */
  #underWay: Promise<void> | null = null;
  #failure: unknown = null;
  #nextAt: number;
  /** When {@link #underWay} was due: it still is for whoever resumes from a checkpoint. */
  #dueAt: number;
  #ended = false;

  /** @param stop Asked to stop the run where an evaluation says so, or fails. @param tell Called after each evaluation. */
  constructor(plan: EvaluationPlan, stop: StopFlag, tell: (evaluation: Evaluation) => void) {
    this.#plan = plan;
    this.#stop = stop;
    this.#tell = tell;
    this.#best = new BestEvaluation(plan.evaluator?.monitored ?? null);
    this.#nextAt = plan.stopping.evalEverySeconds ?? 1;
    this.#dueAt = this.#nextAt;
  }

  /** Goes on from what another process found. */
  restore({ progress, sections }: Pick<ResumedRun, "progress" | "sections">): void {
    const { best, evaluatedAt, evaluation, evaluationSeconds, nextEvaluation, worseInARow } = progress;
    this.#newest = evaluation;
    this.#evaluatedAt = evaluatedAt;
    this.#milliseconds = 1000 * evaluationSeconds;
    this.#nextAt = nextEvaluation;
    if (best === null) return;
    const parameters = sections.get(bestSections.parameters);
    const state = sections.get(bestSections.state);
    const kept =
      parameters === undefined || state === undefined
        ? null
        : { parameters: floatsOf(parameters), state: floatsOf(state) };
    this.#best.restore({ ...best, kept }, worseInARow);
  }

  /** The newest evaluation, null before the first. */
  get newest(): Evaluation | null {
    return this.#newest;
  }

  /** What a checkpoint keeps. */
  get progress(): EvaluationProgress {
    const { best, worseInARow } = this.#best;
    return {
      evaluation: this.#newest,
      evaluatedAt: this.#evaluatedAt,
      evaluationSeconds: this.#milliseconds / 1000,
      nextEvaluation: this.#underWay === null ? this.#nextAt : this.#dueAt,
      best: best === null ? null : { evaluation: best.evaluation, updates: best.updates },
      worseInARow,
    };
  }

  /** What the best evaluation was of, where it is kept. */
  get bestWeights(): KeptWeights | null {
    return this.#best.best?.kept ?? null;
  }

  /** Whether it is time for one, which then counts as made. */
  isDue({ epoch, seconds, updates }: Moment): boolean {
    const { evaluator, stopping } = this.#plan;
    const { evalEverySeconds } = stopping;
    const now = evalEverySeconds === null ? epoch : seconds;
    if (evaluator === null || this.#underWay !== null || now < this.#nextAt) return false;
    // The clock runs on while a run pauses; its weights do not, and no better ones are to be expected.
    if (updates === this.#evaluatedAt) return false;
    this.#dueAt = this.#nextAt;
    this.#nextAt = now + (evalEverySeconds ?? 1 - (now % 1));
    return true;
  }

  /** Begins one. @param updates Behind the weights. */
  begin(weights: KeptWeights, updates: number): void {
    const isWanted = () => this.#plan.signal?.aborted !== true;
    this.#underWay = this.#evaluate(weights, updates, isWanted)
      .then((done) => {
        if (!done) this.#nextAt = this.#dueAt;
      })
      .catch((error: unknown) => {
        this.#failure = error;
        this.#stop.request(stopCode("failed"));
      })
      .finally(() => {
        this.#underWay = null;
      });
  }

  /** Waits for the one that is under way. @throws What an evaluation failed with. */
  async settled(): Promise<void> {
    await this.#underWay;
    if (this.#failure !== null) throw this.#failure;
  }

  /** What was found is of a model that is gone. */
  forget(): void {
    this.#evaluatedAt = -1;
  }

  /**
   * Evaluates the end of the run, unless that was done. No evaluation stops anything from now on.
   *
   * @returns Whether there is one of the end now, or none was to be made.
   */
  async finish(weights: KeptWeights, updates: number): Promise<boolean> {
    this.#ended = true;
    const { evaluator, signal } = this.#plan;
    if (evaluator === null || this.#evaluatedAt === updates) return true;
    let deadline: number | null = null;
    const isWanted = () => {
      if (signal?.aborted !== true) return true;
      deadline ??= performance.now() + graceMs;
      return performance.now() < deadline;
    };
    const done = await this.#evaluate(weights, updates, isWanted);
    // What was found earlier is not true of the end.
    if (!done) this.#newest = null;
    return done;
  }

  /**
   * What the run comes to: its end, or its best evaluation, which is the newest from now on.
   *
   * @param updates Behind the weights of the end. @returns The best weights and the updates behind them; null if those of
   *   the end are the result.
   */
  takeBest(updates: number): { readonly weights: KeptWeights; readonly updates: number } | null {
    const { best } = this.#best;
    if (best === null || best.kept === null || best.updates === updates) return null;
    this.#newest = best.evaluation;
    return { weights: best.kept, updates: best.updates };
  }

  /** @returns Whether it came to its end. */
  async #evaluate(
    { parameters, state }: KeptWeights,
    updates: number,
    isWanted: () => boolean,
  ): Promise<boolean> {
    const { evaluator, stopping } = this.#plan;
    if (evaluator === null) return false;
    const { restoreBestWeights, patience, target, targetAccuracy } = stopping;
    const from = performance.now();
    const evaluation = await evaluator.evaluateWhile(isWanted, parameters, state);
    this.#milliseconds += performance.now() - from;
    if (evaluation === null) return false;
    this.#newest = evaluation;
    this.#evaluatedAt = updates;
    this.#best.take(evaluation, updates, restoreBestWeights ? { parameters, state } : null);
    if (!this.#ended && patience !== null && this.#best.worseInARow >= patience) {
      this.#stop.request(stopCode("patience"));
    }
    const { accuracy } = evaluation;
    if (targetAccuracy !== null && accuracy !== null && accuracy >= targetAccuracy) {
      this.#stop.request(stopCode("target-accuracy"));
    }
    const { monitored } = evaluator;
    if (target !== null && monitored !== null) {
      const value = evaluation.metrics[monitored.name];
      if (monitored.isBetterHigher ? value >= target : value <= target) {
        this.#stop.request(stopCode("target"));
      }
    }
    this.#tell(evaluation);
    return true;
  }
}

/** Bytes of a file as the numbers that they are. */
const floatsOf = ({ buffer, byteLength, byteOffset }: Uint8Array) =>
  new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
