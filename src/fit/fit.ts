/** `LayersModel.fit` with many threads: the same call, the same callbacks, the same history. */
import type { ColumnSources } from "../data/from-arrays.ts";
import type { layers } from "../tfjs/tf.ts";
import { compiledLoss } from "./compiled-loss.ts";
import { withoutTestWeights, withWeights } from "./example-weights.ts";
import { FitCallbacks } from "./fit-callbacks.ts";
import { checkConfig, checkShare, type FitConfig, specOf } from "./fit-config.ts";
import { type Part, runEpochs } from "./fit-run.ts";
import { fitTask, splitLast, validationSource } from "./fit-task.ts";
import { withSession } from "./sessions.ts";
import { tellerOf } from "./teller.ts";

/**
 * Trains a compiled model, as `model.fit(x, y, config)` does.
 *
 * Threads, programs, optimizer state and averages are kept for the model: a call continues where the one before it ended. End
 * that by {@link release} or `model.dispose()`. The model has its new weights whenever a callback runs.
 *
 * @param x Features, `[N, ...]`: a tensor or an array, or one for each input in a list or by name. Nothing is disposed of.
 * @param y Targets, likewise for each output.
 * @returns Loss and metrics of each epoch, and those of validation as `val_…`. Training means are of the weights as they were
 *   at each minibatch; with several workers those of metrics are over a part of the minibatches.
 * @throws {YfError} As `train()`; `BAD_MODEL` if the model was not compiled or is in another run. What a callback throws, the
 *   call rejects with; no thread is left then.
 */
export function fit(
  model: layers.LayersModel,
  x: ColumnSources,
  y: ColumnSources,
  config: FitConfig = {},
): Promise<layers.History> {
  return withSession(model, async (open) => {
    checkConfig("fit", config);
    compiledLoss(model);
    const spec = specOf(model, config);
    const { stepsPerEpoch, validationData, validationSplit } = config;
    const { beginsAnew, metrics, session } = await open(spec);
    const test = validationData == null ? undefined : validationSource(validationData);
    const given = await fitTask(model, metrics, spec, { features: x, labels: y }, test);
    let task = withWeights(given, model, config);
    if (validationSplit != null && validationSplit !== 0 && test === undefined) {
      checkShare(validationSplit);
      task = splitLast(task, validationSplit);
    }
    task = withoutTestWeights(task);
    const { length } = task.data.train;
    const batchSize = Math.min(spec.batching.batchSize, length);
    const perPass = Math.ceil(length / batchSize);
    const steps = stepsPerEpoch ?? perPass;
    let epochsBegun = 0;
    const part = (): Part => {
      const beginsPass = stepsPerEpoch === undefined || epochsBegun++ === 0;
      const from = beginsPass ? 0 : session.placeInPass(perPass);
      const batches = Array.from({ length: steps }, (_, i) =>
        Math.min(batchSize, length - ((from + i) % perPass) * batchSize),
      );
      return { task, batches, batchSize, beginsPass };
    };
    const doValidation = task.data.test !== null;
    const callbacks = new FitCallbacks(
      config,
      model,
      { samples: length, steps, batchSize, doValidation },
      metrics.names,
    );
    return runEpochs({
      model,
      session,
      config,
      callbacks,
      spec: () => specOf(model, config),
      parts: () => [part()],
      validate: doValidation ? () => session.evaluate(task) : null,
      observer: { onEvent: tellerOf(config, session.isNew, beginsAnew) },
    });
  });
}
