/** Traces and compiles the programs of a run: one that trains, and those that evaluate. */
import type { DataSplit } from "../data/dataset.ts";
import { compile } from "../engine/compile.ts";
import type { Program, Target } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import { outputNames } from "../tfjs/column-names.ts";
import type { Loss } from "../tfjs/losses.ts";
import { lossTerms } from "../tfjs/total-loss.ts";
import { type TraceOptions, trace, traceWithState } from "../tfjs/trace.ts";
import type { Weight, WeightSource } from "../tfjs/trainable-weights.ts";
import { accuracyKind } from "./accuracy.ts";
import { evaluationBatchSizes } from "./evaluator.ts";

/** A model, what it is trained for, and on what. */
export interface Task {
  readonly model: TraceOptions["model"];
  readonly variables: NonNullable<TraceOptions["variables"]>;
  readonly loss: Loss;
  readonly data: DataSplit;
}

export interface Programs {
  /** For `batchSizes()`, in that order. */
  readonly train: readonly Program[];
  /** For {@link evaluationBatchSizes} of the test set, in that order; none without one. */
  readonly evaluate: readonly Program[];
  /** The variables that are trained, in the order of the programs. */
  readonly trained: readonly Weight[];
  /** The variables of the model's state, in the order of the programs. */
  readonly state: readonly Weight[];
  /** What people should know of the model, one line each. */
  readonly warnings: readonly string[];
}

/**
 * @param sizes Of the minibatches to train with.
 * @throws {YfError} What `trace()` and `compile()` throw; `BAD_DATA` when a class index is none of the model's classes.
 */
export function compilePrograms(task: Task, sizes: readonly number[], target: Target): Programs {
  const traced = sizes.map((size) => traceWithState({ ...untraced(task), batchSize: size, training: true }));
  const train = traced.map(({ graph }) => compile(graph, target.engine, target.device));
  checkClasses(task, train[0]);
  const [{ state, trained, warnings }] = traced;
  return { train, evaluate: compileEvaluation(task, target, { state, trained }), trained, state, warnings };
}

/**
 * The evaluation programs alone.
 *
 * @param found The variables to be given at each run, default all that are trainable; other weights are frozen as they are.
 * @throws {YfError} As {@link compilePrograms}.
 */
export function compileEvaluation(
  task: Task,
  target: Target,
  found: Pick<TraceOptions, "state" | "trained"> = {},
): Program[] {
  const { test } = task.data;
  if (test === null) return [];
  const programs = evaluationBatchSizes(test.length).map((size) =>
    compile(
      trace({ ...untraced(task), batchSize: size, training: false, ...found }),
      target.engine,
      target.device,
    ),
  );
  checkClasses(task, programs[0]);
  return programs;
}

function untraced({ data, loss, model, variables }: Task) {
  const { features, labels } = data.train;
  return { model, loss, features, labels, variables };
}

/** A class index that the model has no output for would count as no class at all. */
function checkClasses(task: Task, { predictions }: Program): void {
  const names = namesOfLosses(task);
  const { test, train } = task.data;
  const halves = Object.entries({ train, test });
  for (const [i, column] of train.labels.entries()) {
    const shape = predictions[i]?.shape.slice(1) ?? [];
    if (accuracyKind(column, shape, names[i]) !== "class-index") continue;
    const classes = shape.at(-1) as number;
    for (const [half, dataset] of halves) {
      const data = dataset?.labels[i].data;
      const wrong = data?.findIndex((label) => !(label >= 0 && label < classes)) ?? -1;
      if (wrong < 0) continue;
      const which = column.name === undefined ? "every label" : `every label ${column.name}`;
      const rule = `${which} must be in [0, ${classes - 1}], as many classes as the model's output has numbers`;
      const received = `${data?.[wrong]} at index ${wrong} of ${half}`;
      throw new YfError("BAD_DATA", cannot("use the labels", rule, received));
    }
  }
}

/** What holds the weights that a task trains. */
export function weightSource({ model, variables }: Pick<Task, "model" | "variables">): WeightSource {
  return typeof model === "function" ? variables : model;
}

/** Name of the loss that each column of labels is for, null for a function of the user's. */
export function namesOfLosses({ data, loss, model }: Task): (string | null)[] {
  const { labels } = data.train;
  const terms = lossTerms(loss, outputNames(model, labels), labels.length);
  return labels.map((_, i) => {
    const term = terms?.[i]?.loss;
    return typeof term === "string" ? term : null;
  });
}
