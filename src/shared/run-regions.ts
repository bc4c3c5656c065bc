/**
 * Which arrays the memory of a run consists of, in order, and what a checkpoint makes of each.
 *
 * Not kept are gradients in flight, which are computed again; what threads tell each other at one moment; and what follows
 * from the options. Each part's own file says who writes it and when it is valid.
 */
import { orderStride } from "../schedule/replay.ts";
import { Counter } from "./counter.ts";
import { Gate } from "./gate.ts";
import { GradientSlot } from "./gradient-slot.ts";
import { IterateRing } from "./iterate-ring.ts";
import { kept, keptAndGrowing, region, transient } from "./layout.ts";
import { Lock } from "./lock.ts";
import { Mailbox } from "./mailbox.ts";
import { RecordRing } from "./record-ring.ts";
import type { RunShape } from "./run-shape.ts";
import { StalenessBound } from "./staleness-bound.ts";
import { StopFlag } from "./stop-flag.ts";
import { TaskBoard } from "./task-board.ts";
import { TryLock } from "./try-lock.ts";
import { WorkerStatus } from "./worker-status.ts";

export function runRegions(shape: RunShape) {
  const { parameterCount, workers } = shape;
  // Free workers read anew. Where a schedule has them read, they did so once and for all.
  const keptIfOrdered = shape.ordered === 0 ? transient : kept;
  const perWorker = <T>(make: () => T): T[] => Array.from({ length: workers }, make);
  return {
    parameters: region("float32", parameterCount, kept),
    vectors: Array.from({ length: shape.vectors }, () => region("float32", parameterCount, kept)),
    average: region("float32", shape.averages * parameterCount, kept),
    gradientMean: region("float32", parameterCount, kept),
    snapshots: perWorker(() => region("float32", parameterCount, keptIfOrdered)),
    gradients: perWorker(() => region("float32", parameterCount, transient)),
    state: region("float32", shape.stateCount, kept),
    stateSnapshots: perWorker(() => region("float32", shape.stateCount, keptIfOrdered)),
    nextStates: perWorker(() => region("float32", shape.stateCount, transient)),
    batches: perWorker(() => ({
      bytes: region("uint8", shape.batchBytes, transient),
      values: region("float32", shape.batchElements, transient),
    })),
    estimators: perWorker(() => region("float64", shape.estimatorLength, kept)),
    slots: perWorker(() => GradientSlot.regions),
    board: TaskBoard.regions(workers, shape.scheduleLength, keptIfOrdered),
    curve: region("float64", shape.curveLength, keptAndGrowing),
    order: region("int32", orderStride * shape.orderLength, keptAndGrowing),
    updateLock: Lock.regions,
    stalenessBound: StalenessBound.regions(workers),
    sampleIndices: region("int32", shape.sampleCount, transient),
    iterates: IterateRing.regions(shape.iterateSlots, shape.sampleCount),
    updates: Counter.regions,
    batchCounter: Counter.regions,
    observations: Counter.regions,
    skipped: Counter.regions,
    dropped: Counter.regions,
    validFrom: Counter.regions,
    tunerLock: TryLock.regions,
    tunerState: region("float64", shape.tunerStateLength, kept),
    hyperparameters: Mailbox.regions(shape.decisionLength),
    rings: perWorker(() => RecordRing.regions(shape.ringSlots, shape.observationLength)),
    gate: Gate.regions(workers),
    native: Gate.regions(workers),
    stop: StopFlag.regions,
    status: perWorker(() => WorkerStatus.regions),
  };
}
