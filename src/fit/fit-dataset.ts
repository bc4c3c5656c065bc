/** `LayersModel.fitDataset` with many threads: minibatches of a dataset are read while others are trained with. */
import { cannot, YfError } from "../errors.ts";
import type { ExampleBatch } from "../tfjs/collect-batches.ts";
import { type layers, tf } from "../tfjs/tf.ts";
import { compiledLoss } from "./compiled-loss.ts";
import { withoutTestWeights, withWeights } from "./example-weights.ts";
import { FitCallbacks } from "./fit-callbacks.ts";
import { checkConfig, type FitDatasetConfig, specOf } from "./fit-config.ts";
import { type Part, runEpochs } from "./fit-run.ts";
import { fitTask, validationSource } from "./fit-task.ts";
import { ReadAhead, type StreamedDataset } from "./read-ahead.ts";
import { withSession } from "./sessions.ts";
import { tellerOf } from "./teller.ts";

/**
 * Trains a compiled model with the minibatches of a dataset, as `model.fitDataset(dataset, config)` does.
 *
 * The dataset is drawn anew for each epoch; with `batchesPerEpoch` it may be endless, and an epoch continues where the last one
 * ended. At most 1024 minibatches, or 128 MiB of them and one more, wait while those before are trained with; threads meet
 * where what was read by then has been used. Minibatches keep their sizes and, with one worker, their order.
 *
 * @param dataset Gives `{ xs, ys }`, minibatches of features and targets; tensors in them are disposed of.
 * @returns As {@link fit}. @throws {YfError} As {@link fit}; `BAD_DATA` with what the dataset throws.
 */
export function fitDataset(
  model: layers.LayersModel,
  dataset: StreamedDataset,
  config: FitDatasetConfig = {},
): Promise<layers.History> {
  return withSession(model, async (open) => {
    checkConfig("fitDataset", config);
    compiledLoss(model);
    if (Object(dataset) !== dataset) {
      const rule = "must be a dataset, an iterable or a generator of minibatches { xs, ys }";
      throw new YfError("BAD_DATA", cannot("use the dataset", rule, dataset), { received: dataset });
    }
    const { classWeight } = config;
    if (isBalanced(classWeight)) {
      const rule =
        "must be given by class, as how many examples there are shows only in the course of the run";
      throw new YfError("BAD_OPTION", cannot("use classWeight", rule, "balanced"), { option: "classWeight" });
    }
    const settings = () => specOf(model, { ...config, shuffle: false });
    const { beginsAnew, metrics, session } = await open(settings());
    const { batchesPerEpoch = null, epochs = 1, initialEpoch = 0 } = config;
    const { validationBatches, validationData } = config;
    const test = validationData == null ? undefined : validationSource(validationData, validationBatches);
    const taskOf = (batches: readonly ExampleBatch[], withTest = false) =>
      fitTask(model, metrics, settings(), (i) => batches[i] ?? null, withTest ? test : undefined).then(
        (task) => withoutTestWeights(withWeights(task, model, { classWeight })),
      );
    const reader = new ReadAhead(dataset, batchesPerEpoch, epochs - initialEpoch);
    let validated: Part["task"] | null = null;
    async function* parts(): AsyncGenerator<Part> {
      for (let taken = await reader.take(); taken !== null; taken = await reader.take()) {
        for (const group of groupsOf(taken)) {
          const sizes = group.map(rowsOf);
          const task = await taskOf(group, validated === null);
          validated ??= task;
          yield { task, batches: sizes, batchSize: Math.max(...sizes), beginsPass: true };
        }
      }
    }
    const doValidation = test !== undefined;
    try {
      return await runEpochs({
        model,
        session,
        config,
        callbacks: new FitCallbacks(config, model, { steps: batchesPerEpoch, doValidation }, metrics.names),
        spec: settings,
        parts,
        validate: doValidation ? () => session.evaluate(validated as Part["task"]) : null,
        observer: { onEvent: tellerOf(config, session.isNew, beginsAnew) },
      });
    } finally {
      await reader.close();
    }
  });
}

const isBalanced = (given: FitDatasetConfig["classWeight"]): boolean =>
  given === "balanced" ||
  (typeof given === "object" && given !== null && Object.values(given).includes("balanced"));

/** Minibatches of one size in a row, the last of which may be smaller: those are cut out of one data set. */
function groupsOf(batches: readonly ExampleBatch[]): ExampleBatch[][] {
  const groups: ExampleBatch[][] = [];
  let [size, last] = [0, 0];
  for (const batch of batches) {
    const rows = rowsOf(batch);
    const goesOn = groups.length > 0 && last === size && rows <= size;
    if (goesOn) groups.at(-1)?.push(batch);
    else {
      groups.push([batch]);
      size = rows;
    }
    last = rows;
  }
  return groups;
}

function rowsOf({ xs }: ExampleBatch): number {
  const isOne = xs instanceof tf.Tensor;
  const isList = Array.isArray(xs) && xs[0] instanceof tf.Tensor;
  const first: unknown = isOne || (Array.isArray(xs) && !isList) ? xs : Object.values(xs)[0];
  return first instanceof tf.Tensor ? (first.shape[0] ?? 0) : (first as readonly unknown[]).length;
}
