/**
 * The one message between coordinator and worker: a job, sent once. All else goes through shared memory.
 *
 * Everything here survives a structured clone; shared memory, data set and ONNX bytes are shared, not copied.
 */
import type { BatchJitter } from "../data/batch-sizes.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Program } from "../engine/engine.ts";
import type { YfError } from "../errors.ts";
import type { ControllerSettings } from "../tuner/create-controller.ts";

/** How workers take turns; see `hogwild.ts` and `serial.ts`. */
export type Mode = "hogwild" | "serial";

/** What one worker thread does from its start to its end. */
export interface TrainJob {
  /** 0 … workers − 1. */
  readonly rank: number;
  readonly mode: Mode;
  /** The run's shared memory, attached by `RunMemory.attach`. */
  readonly memory: WebAssembly.Memory;
  /** SIMD kernels, compiled once by the coordinator. */
  readonly kernels: WebAssembly.Module;
  /** One for each size of a minibatch. */
  readonly programs: readonly Program[];
  /** Mean size of a minibatch. */
  readonly batchSize: number;
  readonly batchJitter: BatchJitter;
  /** Whether engines save memory at the price of a little speed. */
  readonly frugal: boolean;
  readonly dataset: Dataset;
  readonly controller: ControllerSettings;
  /** Seed of the order of examples. */
  readonly seed: number;
  /** Minibatches to hand out, all workers together. */
  readonly maxMinibatches: number;
}

/** The fields of a {@link YfError} that ended a worker's job. */
export type JobFailure = Pick<YfError, "code" | "message"> & { readonly details: Record<string, unknown> };
