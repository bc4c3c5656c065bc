/** The settings of a run, and what they are where nobody gives them. */
import { availableParallelism } from "node:os";
import { optimizers, usesBackOff } from "../optimizers/optimizers.ts";
import type { WorkerDelay } from "./kinds.ts";
import { type OptionValues, optionRows } from "./table.ts";

/** Complete, checked settings of a run. */
export interface TrainSettings extends Omit<OptionValues, "mode"> {
  /** As given, or `replay`, which an order brings about. */
  readonly mode: OptionValues["mode"] | "replay";
  /** Threads. */
  readonly workers: number;
  /** Workers of the run: simulated ones in the mode of a schedule, else the threads. */
  readonly simulateWorkers: number;
  readonly speeds: readonly number[];
  readonly batchJitter: "none" | "two" | "exponential";
  readonly delay: readonly WorkerDelay[];
  readonly averaging: boolean;
  readonly backOff: boolean;
  readonly keepBest: boolean;
}

/** Passes over the training examples where nothing limits a run. */
const defaultEpochs = 5;

/** From so many workers on minibatches are of several sizes: with sixteen it pays, with two there is little to gain. */
const jitterFromWorkers = 8;

/** Largest number of workers, as the table has it. */
const maxWorkers = 256;

/** Fills in what was not given. @param given Checked options that go together. */
export function withDefaults(given: Partial<OptionValues>): TrainSettings {
  const fallbacks = Object.fromEntries(optionRows.map(([name, row]) => [name, row.fallback]));
  const values = { ...(fallbacks as unknown as OptionValues), ...given };
  const unlimited = values.epochs === null && values.maxUpdates === null && values.maxSeconds === null;
  const { mode } = values;
  const most = mode === "serial" ? 1 : (values.simulateWorkers ?? maxWorkers);
  const workers = values.workers ?? Math.min(most, availableParallelism());
  const simulateWorkers = values.simulateWorkers ?? workers;
  // Where no worker can overtake another, sizes change nothing.
  const overtaking = mode === "hogwild" || mode === "locked" || mode === "timed";
  return {
    ...values,
    epochs: unlimited ? defaultEpochs : values.epochs,
    workers,
    simulateWorkers,
    speeds: values.speeds ?? [1],
    delay: values.delay ?? [],
    batchJitter:
      values.batchJitter ?? (overtaking && simulateWorkers >= jitterFromWorkers ? "exponential" : "none"),
    averaging: values.averaging ?? optimizers[values.optimizer].hasOwnAverage !== true,
    keepBest: values.keepBest ?? values.patience !== null,
    backOff: values.backOff ?? usesBackOff(values.optimizer, values.loop),
  };
}
