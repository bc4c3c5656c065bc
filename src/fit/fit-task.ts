/** What `fit()` is given, as a {@link Task}: examples in shared memory, some of them to validate with. */
import type { Column, Dataset } from "../data/dataset.ts";
import type { ColumnSources } from "../data/from-arrays.ts";
import { cannot, YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";
import type { Task } from "../task/compile-programs.ts";
import { type ExampleSource, prepareTask } from "../task/prepare-task.ts";
import type { BatchDataset } from "../tfjs/collect-batches.ts";
import type { layers } from "../tfjs/tf.ts";
import { compiledLoss } from "./compiled-loss.ts";
import type { CompiledMetrics } from "./compiled-metrics.ts";
import { compiledVariables } from "./compiled-part.ts";
import type { FitConfig } from "./fit-config.ts";

/** @param test Examples to validate with. @throws {YfError} `BAD_DATA`, `BAD_LOSS` or `BAD_MODEL`. */
export async function fitTask(
  model: layers.LayersModel,
  metrics: CompiledMetrics,
  spec: RunSpec,
  train: ExampleSource,
  test?: ExampleSource,
): Promise<Task> {
  const task = await prepareTask({ model, loss: compiledLoss(model), data: { train, test } }, spec);
  const trained = new Set(compiledVariables(model));
  return {
    ...task,
    isTrained: (variable) => trained.has(variable),
    observe: (labels, predictions) => metrics.observe(labels, predictions),
  };
}

/**
 * Examples to validate with, as they are given to TensorFlow.js.
 *
 * @param batches Minibatches of a dataset to take; default all. @throws {YfError} `BAD_DATA`.
 */
export function validationSource(
  given: NonNullable<FitConfig["validationData"]>,
  batches?: number,
): ExampleSource {
  if (!Array.isArray(given))
    return batches == null ? (given as ExampleSource) : first(given as BatchDataset, batches);
  if (given.length === 2) {
    const [features, labels] = given as [ColumnSources, ColumnSources];
    return { features, labels };
  }
  const rule = "validationData must be [x, y] or a dataset of minibatches";
  throw new YfError("BAD_DATA", cannot("validate", rule, `a list of ${given.length}`), {
    option: "validationData",
  });
}

/** The beginning of a dataset. */
function first(dataset: BatchDataset, batches: number): BatchDataset {
  return {
    async iterator() {
      const iterator = await dataset.iterator();
      let left = batches;
      return { next: async () => (left-- > 0 ? iterator.next() : { value: null, done: true }) };
    },
  };
}

/** Takes the last examples out, to validate with. @param share Of all examples. @throws {YfError} `BAD_DATA`. */
export function splitLast(task: Task, share: number): Task {
  const { train } = task.data;
  const at = Math.floor(train.length * (1 - share));
  if (at === 0 || at === train.length) {
    const rule = "there must be examples on both sides of validationSplit";
    throw new YfError("BAD_DATA", cannot("split the data", rule, `${at} of ${train.length}`), {
      option: "validationSplit",
    });
  }
  return {
    ...task,
    data: { ...task.data, train: rowsOf(train, 0, at), test: rowsOf(train, at, train.length) },
  };
}

function rowsOf({ features, labels }: Dataset, from: number, to: number): Dataset {
  const part = (column: Column): Column => {
    const width = column.shape.reduce((product, size) => product * size, 1);
    return { ...column, data: column.data.subarray(from * width, to * width) };
  };
  return { features: features.map(part), labels: labels.map(part), length: to - from };
}
