/**
 * What a worker needs of a gradient engine: buffers to fill, one call, buffers to read.
 *
 * Owns the interface and the job description that crosses to a worker thread. Only the engine's thread touches the
 * buffers, but all lie in memory that can be shared: it stays where it is, so that a native runtime may work in place,
 * and a gradient may land where others want it.
 */
import type { Graph, Parameter, TensorType } from "../graph/graph.ts";
import type { RandomOperator } from "../graph/kernels/random.ts";
import type { Device } from "../ort/device.ts";
import type { SessionHandle } from "../ort/session.ts";

export type EngineName = "ort" | "tfjs" | "tensorflow" | "reference";

/** What computes, and where. */
export interface Target {
  readonly engine: EngineName;
  readonly device: Device;
}

/** A program for one batch size, ready to be sent to any number of threads. */
export type Program = OrtProgram | GraphProgram;

/** For ONNX Runtime. */
export interface OrtProgram extends ProgramInterface {
  readonly engine: "ort";
  /** ONNX, in a SharedArrayBuffer: one copy for all threads. */
  readonly code: Uint8Array;
  /** The session that the process holds ready for all its threads; null where each thread opens one of its own. */
  readonly session: SessionHandle | null;
}

/** For what interprets the graph itself. */
export interface GraphProgram extends ProgramInterface {
  readonly engine: "tfjs" | "tensorflow" | "reference";
  readonly code: Graph;
}

/** What a program takes and gives, whatever computes it. */
export interface ProgramInterface {
  readonly device: Device;
  readonly batchSize: number;
  /** Types of the columns of a minibatch, whole batch. */
  readonly features: readonly TensorType[];
  readonly labels: readonly TensorType[];
  /** Types of the model's outputs, whole batch. */
  readonly predictions: readonly TensorType[];
  readonly parameters: readonly Parameter[];
  /** Shape of each parameter, in the order of {@link parameters}. */
  readonly parameterShapes: readonly (readonly number[])[];
  /** Total number of elements of all parameters. */
  readonly parameterCount: number;
  /** What a training step assigns without a gradient, as {@link parameters}: its variables, shapes and elements. */
  readonly state: readonly Parameter[];
  readonly stateShapes: readonly (readonly number[])[];
  readonly stateCount: number;
  /** `true` when the program yields gradients, `false` for an evaluation program (loss and predictions). */
  readonly training: boolean;
  /** Number of kernels, and the most bytes that their results take at a time. */
  readonly kernels: number;
  readonly liveBytes: number;
  /** What it draws at every run, such as dropout masks. */
  readonly random: readonly RandomOperator[];
}

export interface EngineOptions {
  /** Of what the program draws; an int32. */
  readonly seed: number;
  /** Whether to take less memory at the price of a few percent of speed: where threads outnumber cores. */
  readonly lowMemory: boolean;
  /**
   * Where the engine shall read and write instead of in arrays of its own; in shared memory, sized as the program's. Of a
   * list, null leaves a place to the engine.
   */
  readonly buffers?: GivenBuffers;
}

/** One column of a minibatch. */
export type ColumnBuffer = Float32Array | Int32Array;

/** Buffers that a caller has. */
export type GivenBuffers = Partial<Omit<EngineBuffers, "features">> & {
  readonly features?: readonly (ColumnBuffer | null)[];
};

/** The arrays that an engine reads and writes; an evaluation program has no gradient and no next state, a training program no predictions. */
export interface EngineBuffers {
  /** Minibatch, an array for each column, row-major; the caller fills it before {@link GradientEngine.run}. */
  readonly features: readonly ColumnBuffer[];
  readonly labels: readonly ColumnBuffer[];
  /** Flat parameters to evaluate at, filled by the caller. */
  readonly parameters: Float32Array;
  /** Flat state before the step, filled by the caller. */
  readonly state: Float32Array;
  /** Flat gradient of the mean loss, valid after the run. */
  readonly gradient: Float32Array;
  /** Flat state after the step, valid after the run. */
  readonly nextState: Float32Array;
  /** The model's outputs, valid after the run. */
  readonly predictions: readonly Float32Array[];
  /** What the random operators drew for the run, one after the other. */
  readonly draws: Float32Array;
}

/** An instantiated program. Not safe for concurrent calls; one per thread. */
export interface GradientEngine {
  readonly program: Program;
  readonly buffers: EngineBuffers;
  /**
   * Computes everything for the current buffers and resolves with the mean loss.
   *
   * @param stream What a program that draws draws: the same numbers for the same stream and seed; default 0.
   */
  run(stream?: number): Promise<number>;
  dispose(): Promise<void>;
}
