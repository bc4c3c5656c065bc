/**
 * What a run knows of itself besides its shared memory: how long it trained, and what its evaluations said. Kept in the
 * head of a checkpoint, so everything is JSON, and nothing is believed when it is read.
 */
import { badCheckpoint } from "../checkpoint/checkpoint-file.ts";
import type { Evaluation } from "../task/evaluator.ts";

export interface KeptProgress {
  /** Of training. */
  readonly seconds: number;
  readonly updates: number;
  /** |x₀| of the parameters that the run began with. */
  readonly initialNorm: number;
  /** Of all evaluations. */
  readonly evaluationSeconds: number;
  /** Full passes over the data that were told of. */
  readonly epochsSeen: number;
  /** When the next evaluation is due: an epoch, or seconds of training, as the run counts. */
  readonly nextEvaluation: number;
  /** The newest evaluation, null before the first. */
  readonly evaluation: Evaluation | null;
  /** Updates behind {@link evaluation}, −1 before the first. */
  readonly evaluatedAt: number;
  /** The best evaluation and the updates behind it. */
  readonly best: { readonly evaluation: Evaluation; readonly updates: number } | null;
  /** Evaluations since the best one. */
  readonly worseInARow: number;
  /** Times that the run went back since its model diverged; each has halved its learning rate. */
  readonly rollbacks: number;
}

/** Names of the sections that hold the weights and the state of the best evaluation. */
export const bestSections = { parameters: "best.parameters", state: "best.state" } as const;

/** @param found From the head of the checkpoint `file`. @throws {YfError} `BAD_CHECKPOINT`. */
export function parseProgress(file: string, found: unknown): KeptProgress {
  const fail = (name: string, value: unknown) =>
    badCheckpoint(file, `its head must tell the progress of a run, ${name}`, JSON.stringify(value));
  const fields = (value: unknown, name: string) => {
    if (typeof value !== "object" || value === null) throw fail(name, value);
    return value as Record<string, unknown>;
  };
  const head = fields(found, "progress");
  const number = (from: Record<string, unknown>, name: string) => {
    const value = from[name];
    if (typeof value !== "number" || !Number.isFinite(value)) throw fail(name, value);
    return value;
  };
  const evaluation = (value: unknown): Evaluation => {
    const { accuracy, loss, metrics = {} } = fields(value, "evaluation");
    // JSON has no NaN.
    const numberOf = (one: unknown) => (one === null ? Number.NaN : Number(one));
    return {
      accuracy: accuracy === null ? null : Number(accuracy),
      loss: numberOf(loss),
      metrics: Object.fromEntries(
        Object.entries(fields(metrics, "metrics")).map(([name, one]) => [name, numberOf(one)]),
      ),
    };
  };
  const best = head.best === null ? null : fields(head.best, "best");
  return {
    seconds: number(head, "seconds"),
    updates: number(head, "updates"),
    initialNorm: number(head, "initialNorm"),
    evaluationSeconds: number(head, "evaluationSeconds"),
    epochsSeen: number(head, "epochsSeen"),
    nextEvaluation: number(head, "nextEvaluation"),
    evaluation: head.evaluation === null ? null : evaluation(head.evaluation),
    evaluatedAt: number(head, "evaluatedAt"),
    best:
      best === null ? null : { evaluation: evaluation(best.evaluation), updates: number(best, "updates") },
    worseInARow: number(head, "worseInARow"),
    rollbacks: number(head, "rollbacks"),
  };
}
