/**
 * The sizes of one run, from which the layout of its memory follows (`run-regions.ts`). The memory's header stores them, so
 * that every thread that attaches has the same layout.
 */

/** Updates behind one point of the curve of losses. */
export const curveBlock = 50;

/** Sizes of everything in the memory of a run. All are integers ≥ 0; `parameterCount` and `workers` ≥ 1. */
export interface RunShape {
  /** Elements of the flat parameter vector. */
  readonly parameterCount: number;
  readonly workers: number;
  /** Elements of the flat state: what a training step assigns without a gradient. */
  readonly stateCount: number;
  /** Vectors that the optimizer keeps, each `parameterCount` long: the velocity (the last step, added to the parameters), or Adam's two moments. */
  readonly vectors: number;
  /** Whether the average of the iterates is kept: 0 or 1. */
  readonly averages: number;
  /** 1 + which of the optimizer's vectors is the model; 0 for the parameters or their average. */
  readonly resultVector: number;
  /** Coordinates in a sampled iterate. */
  readonly sampleCount: number;
  /** Numbers that the estimator of total momentum keeps for each worker. */
  readonly estimatorLength: number;
  /** Iterates kept; ≥ 1. */
  readonly iterateSlots: number;
  /** Observations that one worker may post before they are drained; ≥ 1. */
  readonly ringSlots: number;
  /** Numbers in an observation, its ticket included; ≥ 1. */
  readonly observationLength: number;
  /** Numbers in what the tuner publishes; ≥ 1. */
  readonly decisionLength: number;
  /** Numbers in the tuner's flattened state. */
  readonly tunerStateLength: number;
  /** float32 per worker, for those features of a minibatch that are stored as bytes, after scaling. */
  readonly batchElements: number;
  /** uint8 scratch per worker, for a minibatch as stored. */
  readonly batchBytes: number;
  /** Whether a schedule says who reads and writes when: 0 or 1. */
  readonly ordered: number;
  /** Numbers in the state of the run's schedule; 0 where workers run free. */
  readonly scheduleLength: number;
  /** Blocks of {@link curveBlock} updates in the curve of losses. */
  readonly curveLength: number;
  /** Updates whose order is recorded; 0 where it is not recorded. */
  readonly orderLength: number;
}

/** Names of the shape's fields in the order in which the header stores them. */
export const shapeFields = [
  "parameterCount",
  "workers",
  "stateCount",
  "vectors",
  "averages",
  "resultVector",
  "sampleCount",
  "estimatorLength",
  "iterateSlots",
  "ringSlots",
  "observationLength",
  "decisionLength",
  "tunerStateLength",
  "batchElements",
  "batchBytes",
  "ordered",
  "scheduleLength",
  "curveLength",
  "orderLength",
] as const satisfies readonly (keyof RunShape)[];
