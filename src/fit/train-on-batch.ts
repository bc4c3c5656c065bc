/** `LayersModel.trainOnBatch`: one update, on the calling thread. */
import type { ColumnSources } from "../data/from-arrays.ts";
import type { layers } from "../tfjs/tf.ts";
import { compiledLoss } from "./compiled-loss.ts";
import { checkConfig, type FitExtras, type FitRunConfig, specOf } from "./fit-config.ts";
import { fitTask } from "./fit-task.ts";
import { withSession } from "./sessions.ts";
import { tellerOf, warning } from "./teller.ts";

/** What {@link trainOnBatch} takes besides its examples. */
export type TrainOnBatchConfig = Pick<
  FitExtras,
  | "clipNorm"
  | "clipValue"
  | "engine"
  | "learningRate"
  | "momentum"
  | "nesterov"
  | "onEvent"
  | "optimizer"
  | "seed"
  | "weightDecay"
> &
  Pick<FitRunConfig, "verbose">;

/**
 * Makes one update of a compiled model with all examples as one minibatch, as `model.trainOnBatch(x, y)` does; the model has
 * its new weights then. Programs and optimizer state are kept for the model, and {@link fit} with `mode: "serial"` goes on
 * from them.
 *
 * @param x Features, `[B, ...]`, as in {@link fit}. @param y Targets. @param config As in `fit()`, and kept in mind with it:
 *   with others than those of the call before a new optimizer may begin, of which one line tells.
 * @returns The loss before the update, or a list of it and of each metric.
 * @throws {YfError} As {@link fit}.
 */
export function trainOnBatch(
  model: layers.LayersModel,
  x: ColumnSources,
  y: ColumnSources,
  config: TrainOnBatchConfig = {},
): Promise<number | number[]> {
  return withSession(model, async (open) => {
    checkConfig("trainOnBatch", config);
    compiledLoss(model);
    const spec = specOf(model, { ...config, mode: "serial", shuffle: false });
    const { beginsAnew, metrics, session } = await open(spec);
    const task = await fitTask(model, metrics, spec, { features: x, labels: y });
    const { length } = task.data.train;
    const tell = tellerOf(config, session.isNew, beginsAnew);
    for (const text of await session.prepare(task, [length], "given")) tell(warning("model", text));
    const logs = await session.trainBatch(task, {
      ...spec,
      batching: { ...spec.batching, batchSize: length },
    });
    const values = Object.values(logs);
    return values.length === 1 ? values[0] : values;
  });
}
