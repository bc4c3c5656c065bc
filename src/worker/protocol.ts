/**
 * The one message between coordinator and worker: a job, sent once. All else goes through shared memory.
 *
 * Everything here survives a structured clone; shared memory, data set and ONNX bytes are shared, not copied.
 */
import type { Augmentation } from "../data/augment.ts";
import type { BatchJitter } from "../data/batch-sizes.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Program } from "../engine/engine.ts";
import type { YfError } from "../errors.ts";
import type { MomentumEstimatorName } from "../momentum-estimators/momentum-estimators.ts";
import type { OrderedMode } from "../schedule/create-schedule.ts";
import type { RecordedOrder } from "../schedule/replay.ts";
import type { StepTimeLaw } from "../schedule/timed.ts";
import type { ControllerSettings } from "../tuner/create-controller.ts";
import type { StalenessPolicy } from "../update/staleness-policy.ts";
import type { Delay } from "./inject-delay.ts";

/** How workers take turns: freely, one at a time, alone, or in the order of a schedule (`ordered.ts`). */
export type Mode = "hogwild" | "locked" | "serial" | OrderedMode;

/** What one worker thread does from its start to its end. */
export interface TrainJob {
  /** 0 … threads − 1. */
  readonly rank: number;
  readonly mode: Mode;
  /** The run's shared memory, attached by `RunMemory.attach`. */
  readonly memory: WebAssembly.Memory;
  /** Where this thread gives its signs of life; see `shared/heartbeat.ts`. */
  readonly heartbeat: Int32Array;
  /** SIMD kernels, compiled once by the coordinator. */
  readonly kernels: WebAssembly.Module;
  /** One for each size of a minibatch. */
  readonly programs: readonly Program[];
  /** Mean size of a minibatch. */
  readonly batchSize: number;
  readonly batchJitter: BatchJitter;
  /** Whether engines save memory at the price of a little speed. */
  readonly lowMemory: boolean;
  readonly dataset: Dataset;
  /** How images are changed before each use. */
  readonly augment: readonly Augmentation[];
  readonly controller: ControllerSettings;
  /** How slow this worker is made on purpose; null for not at all. */
  readonly delay: Delay | null;
  /** K, updates that a gradient may be stale by; null for any number. */
  readonly maxStaleness: number | null;
  /** Whether a gradient that is too stale is computed anew, or workers wait so that there is none. */
  readonly onStale: "drop" | "wait";
  /** What is done about the staleness of a gradient when it is applied. */
  readonly stalenessPolicy: StalenessPolicy;
  /** How total momentum is measured. */
  readonly momentumEstimator: MomentumEstimatorName;
  /** Workers that the threads simulate in deterministic modes, else as many as there are threads. */
  readonly simulatedWorkers: number;
  /** Of mode `replay`; null in others. */
  readonly order: RecordedOrder | null;
  /** Of mode `timed`. */
  readonly stepTime: StepTimeLaw;
  /** Of mode `timed`: relative speeds of the simulated workers. */
  readonly speeds: readonly number[];
  /** Seed of the order of examples, of sizes and of turns. */
  readonly seed: number;
  /** Minibatches to hand out, all workers together. */
  readonly maxMinibatches: number;
}

/** The fields of a {@link YfError} that ended a worker's job. */
export type JobFailure = Pick<YfError, "code" | "message"> & { readonly details: Record<string, unknown> };
