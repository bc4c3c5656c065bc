/** Sizes of minibatches that the data can fill: an example is in none of them twice. */
import { batchSizes } from "../data/batch-sizes.ts";
import type { RunSpec } from "../options/run-spec.ts";
import type { Task } from "./compile-programs.ts";

/** What is trained, and how. */
interface FittingRun {
  readonly spec: RunSpec;
  readonly task: Task;
}

/** Where there are fewer examples than a minibatch has, the minibatch is the data set; a note of the data says so. */
export function withFittingBatches({ spec, task }: FittingRun): FittingRun {
  const { data } = task;
  const { length } = data.train;
  const { batchJitter, batchSize } = spec.batching;
  if (Math.max(...batchSizes(batchSize, batchJitter)) <= length) return { spec, task };
  const isWhole = batchSize > length;
  const note = isWhole
    ? `A minibatch is the whole data set, ${length} examples, fewer than the ${batchSize} of batchSize`
    : `Minibatches are of one size, ${batchSize}, as the largest of several would be more than the ${length} examples`;
  return {
    spec: {
      ...spec,
      batching: { ...spec.batching, batchSize: Math.min(batchSize, length), batchJitter: "none" },
    },
    task: { ...task, data: { ...data, notes: [...(data.notes ?? []), note] } },
  };
}
