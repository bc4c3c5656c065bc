/** A run in the numbers that people see: snapshots while it trains, the summary at its end. */
import { usableCores } from "../machine/machine.ts";
import type { Interleaving, RunSpec } from "../options/run-spec.ts";
import { type AdviceFacts, advise } from "../report/advice.ts";
import type { RunSnapshot } from "../report/run-snapshot.ts";
import { summarizeStaleness } from "../report/staleness.ts";
import type { Summary } from "../report/summary.ts";
import { gradientsPerUpdate, isOrdered } from "../schedule/create-schedule.ts";
import type { Progress, RunOutcome } from "./coordinate.ts";

/** What a run's settings say about every snapshot of it. */
export interface SnapshotFrame {
  /** Limit of updates, null for none. */
  readonly totalUpdates: number | null;
  /** 1 − 1/M. */
  readonly momentumPredicted: number;
}

export function snapshotOf(progress: Progress, frame: SnapshotFrame): RunSnapshot {
  const { evaluation, stalenessCounts, ...telemetry } = progress;
  const { max, mean, p90 } = summarizeStaleness(stalenessCounts);
  return {
    ...telemetry,
    ...frame,
    stalenessCounts: stalenessCounts.slice(0, (max ?? -1) + 1),
    testLoss: evaluation?.loss ?? null,
    testAccuracy: evaluation?.accuracy ?? null,
    stalenessMean: mean ?? Number.NaN,
    stalenessP90: p90 ?? Number.NaN,
  };
}

/** 1 − 1/M, what M workers that finish at random add to the momentum; 0 in modes without staleness. */
export function predictedMomentum({ mode, simulateWorkers }: Interleaving): number {
  return mode === "sync" ? 0 : 1 - 1 / simulateWorkers;
}

/** What the summary repeats of the call. */
export type RunNames = Pick<
  Summary,
  "model" | "loss" | "data" | "trainingExamples" | "dataRead" | "dataNotes" | "dataDescription"
>;

/** What `yf-async evaluate` needs to read the same data again. */
function dataOptionsOf({ data: _, ...options }: RunSpec["data"]): Summary["dataOptions"] {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

/** Points of the curve of losses that the last updates are at most. */
const lastPoints = 4;

/** The mean loss of the last tenth of the updates, 200 at most; without a curve of losses, of the last seconds. */
function lastLoss({ lossCurve, progress }: RunOutcome): number {
  const last = lossCurve.slice(-Math.min(lastPoints, Math.ceil(lossCurve.length / 10)));
  return lossCurve.length === 0 ? progress.loss : last.reduce((sum, loss) => sum + loss, 0) / last.length;
}

/** What else there is to know of a run. */
interface RunContext extends Pick<AdviceFacts, "constantLoss"> {
  /** When the user called, in milliseconds since 1970. */
  readonly calledAt: number;
}

export function summarize(
  outcome: RunOutcome,
  spec: RunSpec,
  names: RunNames,
  { calledAt, constantLoss }: RunContext,
): Summary {
  const { evaluationSeconds, phaseMilliseconds, progress, stopReason, times } = outcome;
  const { batchSize } = spec.batching;
  const { mode, simulateWorkers, workers } = spec.interleaving;
  const { evaluation, updates } = progress;
  const began = times.firstUpdate === 0 ? times.trained : times.firstUpdate;
  const { seconds: trainingSeconds } = progress;
  const updatesPerSecond = updates === 0 ? null : updates / trainingSeconds;
  const summary = {
    updates,
    seconds: (performance.timeOrigin + performance.now() - calledAt) / 1000,
    updatesPerSecond,
    examplesPerSecond:
      updatesPerSecond === null
        ? null
        : updatesPerSecond * batchSize * gradientsPerUpdate(mode, simulateWorkers),
    trainLoss: lastLoss(outcome),
    testLoss: evaluation?.loss ?? null,
    testAccuracy: evaluation?.accuracy ?? null,
    testMetrics: evaluation?.metrics ?? {},
    staleness: summarizeStaleness(progress.stalenessCounts),
    momentum: {
      target: progress.momentumTarget,
      total: progress.momentumTotal,
      algorithmic: progress.momentumAlgorithmic,
      asynchronous: progress.momentumTotal - progress.momentumAlgorithmic,
      predictedAsynchronous: predictedMomentum(spec.interleaving),
    },
    learningRate: progress.learningRate,
    workers,
    mode,
    ...spec.target,
    optimizer: spec.optimizer.optimizer,
    ...spec.randomness,
    startupSeconds: (began - calledAt) / 1000,
    readySeconds: times.allReady === 0 ? null : (times.allReady - calledAt) / 1000,
    trainingSeconds,
    evaluationSeconds,
    epochs: progress.epoch,
    skippedGradients: progress.skippedGradients,
    droppedGradients: progress.droppedGradients,
    stopReason,
    ...names,
    dataOptions: names.data === null ? {} : dataOptionsOf(spec.data),
    batchSize,
    simulatedWorkers: isOrdered(mode) ? simulateWorkers : null,
    phaseSeconds: Object.fromEntries(
      Object.entries(phaseMilliseconds).map(([phase, milliseconds]) => [phase, milliseconds / 1000]),
    ),
    missedObservations: progress.missedObservations,
    keptUpdates: outcome.keptUpdates,
    faults: progress.faults,
    rollbacks: outcome.rollbacks,
  };
  const { workerStaleness, workerUpdates } = progress;
  const cores = usableCores();
  return {
    ...summary,
    advice: advise({
      summary,
      firstLoss: outcome.firstLoss,
      constantLoss,
      workerStaleness,
      workerUpdates,
      cores,
    }),
  };
}
