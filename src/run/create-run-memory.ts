/**
 * Allocates a run's shared memory and writes what the workers find in it: parameters, tuner state, the first pair.
 */
import type { Dataset } from "../data/dataset.ts";
import { isScaledBytes } from "../data/minibatch.ts";
import { momentumEstimators } from "../momentum-estimators/momentum-estimators.ts";
import { sampleCoordinates } from "../momentum-estimators/sample-coordinates.ts";
import { defaultSampleCount } from "../momentum-estimators/total-momentum.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { isOrdered } from "../schedule/create-schedule.ts";
import { runLength } from "../schedule/run-length.ts";
import { RunMemory } from "../shared/run-memory.ts";
import { curveBlock } from "../shared/run-shape.ts";
import { runController } from "../tuner/run-controller.ts";
import { flattenState, stateLength } from "../tuner/state-codec.ts";
import { policyVectors } from "../update/staleness-policy.ts";
import { nameVectors, updateRule, vectorCount } from "../update/update-rule.ts";
import { scheduleOf } from "../worker/ordered.ts";
import { decisionLength, encodeDecision, observationLength } from "../worker/records.ts";

/** Iterates kept; an update staler than this is applied but not measured. */
const iterateSlots = 1024;

/** Observations that a worker may be ahead of the tuner before one of them is dropped. */
const ringSlots = 64;

/** Points of the curve of losses at most: 8 MiB. */
const longestCurve = 2 ** 20;

export interface RunMemoryOptions {
  readonly spec: RunSpec;
  /** Flat initial parameters, `[P]`. */
  readonly parameters: Float32Array;
  /** Flat initial state, `[S]`. */
  readonly modelState: Float32Array;
  /** The training examples. */
  readonly dataset: Pick<Dataset, "features" | "length">;
  /** |x₀| of the parameters that the run began with. */
  readonly initialNorm: number;
  /** Examples in the largest minibatch. */
  readonly largestBatch: number;
}

/** @throws {YfError} NO_MEMORY when the model does not fit for so many workers. */
export function createRunMemory({
  dataset,
  initialNorm,
  largestBatch,
  modelState,
  parameters,
  spec,
}: RunMemoryOptions): RunMemory {
  const { interleaving, optimizer, randomness, staleness } = spec;
  const { mode, record, simulateWorkers } = interleaving;
  const ordered = isOrdered(mode);
  const { totalUpdates } = runLength(spec, dataset.length);
  const controller = runController(spec, {
    trainingExamples: dataset.length,
    parameterCount: parameters.length,
    initialNorm,
  });
  const state = controller.init();
  const rule = updateRule(optimizer.optimizer, optimizer);
  const sampleCount = Math.min(defaultSampleCount, parameters.length);
  // Other columns need no kernel to get into a minibatch.
  const widths = dataset.features.filter(isScaledBytes).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const memory = RunMemory.create({
    parameterCount: parameters.length,
    workers: simulateWorkers,
    stateCount: modelState.length,
    vectors: vectorCount(rule) + policyVectors(staleness.stalenessPolicy),
    resultVector: 1 + Object.keys(rule.vectors).indexOf(rule.model ?? ""),
    averages: optimizer.averaging ? 1 : 0,
    sampleCount,
    estimatorLength: momentumEstimators[staleness.momentumEstimator].stateLength(sampleCount),
    iterateSlots,
    ringSlots,
    observationLength,
    decisionLength,
    tunerStateLength: stateLength(state),
    batchElements: largestBatch * widths.reduce((sum, width) => sum + width, 0),
    batchBytes: largestBatch * Math.max(0, ...widths),
    ordered: ordered ? 1 : 0,
    scheduleLength: ordered ? scheduleOf(spec, dataset.length).stateLength : 0,
    orderLength: record ? (totalUpdates ?? 0) : 0,
    curveLength: Math.min(longestCurve, Math.ceil((totalUpdates ?? 0) / curveBlock)),
  });
  memory.parameters.set(parameters);
  memory.state.set(modelState);
  for (const [name, vector] of Object.entries(nameVectors(rule, memory.vectors))) {
    const start = rule.vectors[name];
    if (start === "parameters") vector.set(parameters);
    else vector.fill(start);
  }
  memory.result.set(parameters);
  memory.sampleIndices.set(sampleCoordinates(parameters.length, sampleCount, randomness.seed));
  memory.iterates.write(0, memory.parameters, memory.sampleIndices);
  for (let rank = 0; rank < simulateWorkers; rank++) memory.slot(rank).lastTotalMomentum = Number.NaN;
  flattenState(state, memory.tunerState);
  const first = new Float64Array(decisionLength);
  encodeDecision(controller.start(), first);
  memory.hyperparameters.publish(first);
  return memory;
}
