/** Traces and compiles the programs of a run: one that trains, and those that evaluate. */
import type { DataSplit, Dataset } from "../data/dataset.ts";
import { compile } from "../engine/compile.ts";
import type { Program, Target } from "../engine/engine.ts";
import { type IndexColumn, indexColumns, requireIndices, requireLabels } from "../tfjs/check-values.ts";
import { outputNames } from "../tfjs/column-names.ts";
import type { Loss, LossName } from "../tfjs/losses.ts";
import { accuracyOf } from "../tfjs/metrics/accuracy.ts";
import { lossTerms } from "../tfjs/total-loss.ts";
import { type TraceOptions, trace, traceWithState } from "../tfjs/trace.ts";
import type { Weight, WeightSource } from "../tfjs/trainable-weights.ts";
import { evaluationBatchSizes } from "./evaluator.ts";

/** A model, what it is trained for, and on what. */
export interface Task {
  readonly model: TraceOptions["model"];
  readonly variables: NonNullable<TraceOptions["variables"]>;
  readonly loss: Loss;
  readonly data: DataSplit;
  /** See {@link TraceOptions}. */
  readonly isTrained?: TraceOptions["isTrained"];
  readonly observe?: TraceOptions["observe"];
  /**
   * Of a loss that is made of another one and of weights of the examples: that one, and how many columns, the last ones of the
   * labels, hold weights.
   */
  readonly weighted?: { readonly loss: Loss; readonly columns: number } | undefined;
  /** See {@link TraceOptions}. */
  readonly classWeights?: TraceOptions["classWeights"];
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
  /** Features that are indices of rows, which the data must stay within. */
  readonly indices: readonly IndexColumn[];
  /** What people should know of the model, one line each. */
  readonly warnings: readonly string[];
}

/**
 * @param sizes Of the minibatches to train with.
 * @throws {YfError} What `trace()` and `compile()` throw; `BAD_DATA` for labels that their loss has no meaning for,
 *   and for indices of rows that a layer has not.
 */
export function compilePrograms(task: Task, sizes: readonly number[], target: Target): Programs {
  const traced = sizes.map((size) => traceWithState({ ...untraced(task), batchSize: size, training: true }));
  const train = traced.map(({ graph }) => compile(graph, target.engine, target.device));
  const [{ graph, state, trained, warnings }] = traced;
  const indices = indexColumns(graph);
  checkData(task, train[0], indices);
  return {
    train,
    evaluate: compileEvaluation(task, target, { state, trained }),
    trained,
    state,
    indices,
    warnings,
  };
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
  checkLabels(task, programs[0]);
  return programs;
}

function untraced({ classWeights, data, isTrained, loss, model, observe, variables }: Task) {
  const { features, labels } = data.train;
  return { model, loss, features, labels, isTrained, observe, variables, classWeights };
}

/**
 * Checks labels and indices before anything is trained with them.
 *
 * @param program Any one of the task. @throws {YfError} `BAD_DATA`.
 */
export function checkData(task: Task, program: Program, indices: readonly IndexColumn[]): void {
  checkLabels(task, program);
  checkIndices(task, indices);
}

function checkLabels(task: Task, { predictions }: Program): void {
  for (const [i, loss] of namesOfLosses(task).entries()) {
    const shape = predictions[i]?.shape.slice(1) ?? [];
    // A function of the user's compares as it likes, but for class indices.
    if (loss === null && accuracyOf(task.data.train.labels[i], shape, null) === null) continue;
    const classes = shape.at(-1) ?? 1;
    for (const [half, dataset] of halvesOf(task)) requireLabels(loss, classes, dataset.labels[i], half);
  }
}

function checkIndices(task: Task, columns: readonly IndexColumn[]): void {
  for (const indices of columns) {
    for (const [half, dataset] of halvesOf(task)) {
      requireIndices(indices, dataset.features[indices.column], half);
    }
  }
}

/** The parts of the data that there are, by name. */
function halvesOf({ data }: Task): (readonly [string, Dataset])[] {
  const { test, train } = data;
  return test === null
    ? [["train", train]]
    : [
        ["train", train],
        ["test", test],
      ];
}

/** What holds the weights that a task trains. */
export function weightSource({ model, variables }: Pick<Task, "model" | "variables">): WeightSource {
  return typeof model === "function" ? variables : model;
}

/** Name of the loss that each column of labels is for, null for a function of the user's. */
export function namesOfLosses({ data, loss, model, weighted }: Task): (LossName | null)[] {
  const { labels } = data.train;
  const count = labels.length - (weighted?.columns ?? 0);
  const terms = lossTerms(weighted?.loss ?? loss, outputNames(model, labels), count);
  return labels.map((_, i) => {
    const term = terms?.[i]?.loss;
    return typeof term === "string" ? term : null;
  });
}
