/** Traces and compiles the programs of a run: one that trains, and those that evaluate. */
import type { DataSplit } from "../data/dataset.ts";
import { compile } from "../engine/compile.ts";
import type { EngineName, Program } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import type { Loss } from "../tfjs/losses.ts";
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
  /** The variables of the model's state, in the order of the programs. */
  readonly state: readonly Weight[];
}

/**
 * @param sizes Of the minibatches to train with.
 * @throws {YfError} What `trace()` and `compile()` throw; `BAD_DATA` when a class index is none of the model's classes.
 */
export function compilePrograms(task: Task, sizes: readonly number[], engine: EngineName): Programs {
  const traced = sizes.map((size) => traceWithState({ ...untraced(task), batchSize: size, training: true }));
  const train = traced.map(({ graph }) => compile(graph, engine));
  checkClasses(task, train[0].predictions.shape.slice(1));
  const [{ state }] = traced;
  return { train, evaluate: compileEvaluation(task, state, engine), state };
}

/**
 * The evaluation programs alone.
 *
 * @param state Variables to be given at each run; other weights that are not trained are frozen as they are.
 * @throws {YfError} As {@link compilePrograms}.
 */
export function compileEvaluation(task: Task, state: readonly Weight[], engine: EngineName): Program[] {
  const { test } = task.data;
  if (test === null) return [];
  const programs = evaluationBatchSizes(test.length).map((size) =>
    compile(trace({ ...untraced(task), batchSize: size, training: false, state }), engine),
  );
  checkClasses(task, programs[0].predictions.shape.slice(1));
  return programs;
}

function untraced({ data, loss, model, variables }: Task) {
  const { features, labels } = data.train;
  return { model, loss, features, labels, variables };
}

/** A class index that the model has no output for would count as no class at all. */
function checkClasses({ data, loss }: Task, predictions: readonly number[]): void {
  const { labels } = data.train;
  if (accuracyKind(labels.shape, labels.dtype, predictions, lossName(loss)) !== "class-index") return;
  const classes = predictions.at(-1) as number;
  for (const [name, half] of Object.entries(data) as [string, DataSplit["test"]][]) {
    const wrong = half?.labels.data.findIndex((label) => !(label >= 0 && label < classes)) ?? -1;
    if (wrong < 0) continue;
    const received = `${half?.labels.data[wrong]} at index ${wrong} of ${name}`;
    throw new YfError(
      "BAD_DATA",
      cannot("use the labels", `every label must be in [0, ${classes - 1}]`, received),
    );
  }
}

/** What holds the weights that a task trains. */
export function weightSource({ model, variables }: Pick<Task, "model" | "variables">): WeightSource {
  return typeof model === "function" ? variables : model;
}

/** Name of a built-in loss, null for a function. */
export function lossName(loss: Loss): string | null {
  return typeof loss === "string" ? loss : null;
}
