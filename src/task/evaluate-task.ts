/** Evaluates a model on its test set, without training it. Weights that are not trained are those of the model. */
import type { Target } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import { compileEvaluation, namesOfLosses, type Task } from "./compile-programs.ts";
import { type Evaluation, Evaluator } from "./evaluator.ts";

/** @throws {YfError} `BAD_DATA` if there is no test set; what tracing and compiling throw. */
export async function evaluateTask(
  task: Task,
  parameters: Float32Array,
  target: Target,
): Promise<Evaluation> {
  const { test } = task.data;
  if (test === null)
    throw new YfError("BAD_DATA", cannot("evaluate", "there must be a test set"), { testExamples: 0 });
  const evaluator = await Evaluator.open(compileEvaluation(task, target), test, namesOfLosses(task));
  try {
    return await evaluator.evaluate(parameters, new Float32Array());
  } finally {
    await evaluator.close();
  }
}
