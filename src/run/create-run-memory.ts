/**
 * Allocates a run's shared memory and writes what the workers find in it: parameters, tuner state, the first pair.
 */
import type { Column } from "../data/dataset.ts";
import { isScaledBytes } from "../data/minibatch.ts";
import {
  type MomentumEstimatorName,
  momentumEstimators,
} from "../momentum-estimators/momentum-estimators.ts";
import { sampleCoordinates } from "../momentum-estimators/sample-coordinates.ts";
import { defaultSampleCount } from "../momentum-estimators/total-momentum.ts";
import { curveBlock, RunMemory } from "../shared/run-memory.ts";
import { type ControllerSettings, createController } from "../tuner/create-controller.ts";
import { flattenState, stateLength } from "../tuner/state-codec.ts";
import { policyVectors, type StalenessPolicy } from "../update/staleness-policy.ts";
import { updateRule } from "../update/update-rule.ts";
import { decisionLength, encodeDecision, observationLength } from "../worker/records.ts";

/** Iterates kept; an update staler than this is applied but not measured. */
const iterateSlots = 1024;

/** Observations that a worker may be ahead of the tuner before one of them is dropped. */
const ringSlots = 64;

/** Points of the curve of losses at most: 8 MiB. */
const longestCurve = 2 ** 20;

export interface RunMemoryOptions {
  /** Flat initial parameters, `[P]`. */
  readonly parameters: Float32Array;
  /** Flat initial state, `[S]`. */
  readonly modelState: Float32Array;
  readonly workers: number;
  readonly controller: ControllerSettings;
  readonly stalenessPolicy: StalenessPolicy;
  readonly momentumEstimator: MomentumEstimatorName;
  /** Whether to keep the average of the iterates. */
  readonly averaging: boolean;
  /** Numbers in the state of the run's schedule; null where workers run free. */
  readonly scheduleLength: number | null;
  /** Limit of updates, null for none: the curve of losses is as long. */
  readonly totalUpdates: number | null;
  /** Whether the order of reads and writes is recorded. */
  readonly record: boolean;
  /** Examples in the largest minibatch. */
  readonly largestBatch: number;
  readonly features: readonly Column[];
  /** Seed of the choice of sampled coordinates. */
  readonly seed: number;
}

/** @throws {YfError} NO_MEMORY when the model does not fit for so many workers. */
export function createRunMemory(options: RunMemoryOptions): RunMemory {
  const {
    features,
    largestBatch,
    modelState,
    parameters,
    record,
    scheduleLength,
    seed,
    totalUpdates,
    workers,
  } = options;
  const controller = createController(options.controller);
  const state = controller.init();
  const rule = updateRule(options.controller.optimizer);
  const sampleCount = Math.min(defaultSampleCount, parameters.length);
  // Other columns need no kernel to get into a minibatch.
  const widths = features.filter(isScaledBytes).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const memory = RunMemory.create({
    parameterCount: parameters.length,
    workers,
    stateCount: modelState.length,
    vectors: rule.vectors + policyVectors(options.stalenessPolicy),
    resultVector: rule.result === null ? 0 : rule.result + 1,
    averages: options.averaging ? 1 : 0,
    sampleCount,
    estimatorLength: momentumEstimators[options.momentumEstimator].stateLength(sampleCount),
    iterateSlots,
    ringSlots,
    observationLength,
    decisionLength,
    tunerStateLength: stateLength(state),
    batchElements: largestBatch * widths.reduce((sum, width) => sum + width, 0),
    batchBytes: largestBatch * Math.max(0, ...widths),
    ordered: scheduleLength === null ? 0 : 1,
    scheduleLength: scheduleLength ?? 0,
    orderLength: record ? (totalUpdates ?? 0) : 0,
    curveLength: Math.min(longestCurve, Math.ceil((totalUpdates ?? 0) / curveBlock)),
  });
  memory.parameters.set(parameters);
  memory.state.set(modelState);
  for (const index of rule.copies) memory.vectors[index].set(parameters);
  memory.result.set(parameters);
  memory.sampleIndices.set(sampleCoordinates(parameters.length, sampleCount, seed));
  memory.iterates.write(0, memory.parameters, memory.sampleIndices);
  for (let rank = 0; rank < workers; rank++) memory.slot(rank).lastTotalMomentum = Number.NaN;
  flattenState(state, memory.tunerState);
  const first = new Float64Array(decisionLength);
  encodeDecision(controller.start(), first);
  memory.hyperparameters.publish(first);
  return memory;
}
