/**
 * The one message between coordinator and worker: a job, sent once. All else goes through shared memory.
 *
 * Everything here survives a structured clone; shared memory, data set and ONNX bytes are shared, not copied.
 */
import type { Dataset } from "../data/dataset.ts";
import type { Program } from "../engine/engine.ts";
import type { YfError } from "../errors.ts";
import type { RunSpec } from "../options/run-spec.ts";

/** What one worker thread does from its start to its end. */
export interface TrainJob {
  /** 0 … threads − 1. */
  readonly rank: number;
  readonly spec: RunSpec;
  readonly shared: SharedParts;
  /** One for each size of a minibatch. */
  readonly programs: readonly Program[];
}

/** What the threads of a run share. */
export interface SharedParts {
  /** The run's shared memory, attached by `RunMemory.attach`. */
  readonly memory: WebAssembly.Memory;
  /** SIMD kernels, compiled once by the coordinator. */
  readonly kernels: WebAssembly.Module;
  /** The training examples. */
  readonly dataset: Dataset;
  /** |x₀| of the parameters that the run began with. */
  readonly initialNorm: number;
  /** Where this thread gives its signs of life; see `shared/heartbeat.ts`. */
  readonly heartbeat: Int32Array;
}

/** The fields of a {@link YfError} that ended a worker's job. */
export type JobFailure = Pick<YfError, "code" | "message"> & { readonly details: Record<string, unknown> };
