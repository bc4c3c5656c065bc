/**
 * What passes between the workers and the tuner through shared memory, as rows of float64.
 *
 * An observation lies in its ring behind a ticket; the mailbox has the hyperparameters, and behind them what is shown.
 */
import { recordCodec } from "../shared/record-codec.ts";
import { payloadStart } from "../shared/record-ring.ts";
import type { Decision, Hyperparameters, Observation, TunerTelemetry } from "../tuner/controller.ts";

export const observationCodec = recordCodec<Observation>({
  squaredNorm: 0,
  meanSquaredNorm: 0,
  loss: Number.NaN,
  staleness: 0,
  totalMomentum: Number.NaN,
  squaredDistance: 0,
  alignment: 0,
  squaredDirection: 0,
});

export const hyperparametersCodec = recordCodec<Hyperparameters>({
  momentum: 0,
  learningRate: 0,
  observeClip: Number.POSITIVE_INFINITY,
  applyClip: Number.POSITIVE_INFINITY,
  averageWeight: 1,
  secondCorrection: 1,
  epsilon: 0,
});

export const telemetryCodec = recordCodec<TunerTelemetry>({
  targetMomentum: 0,
  totalMomentum: Number.NaN,
});

/** Numbers in a record of a ring. */
export const observationLength = payloadStart + observationCodec.length;

/** Where telemetry begins in the mailbox. */
export const telemetryStart = hyperparametersCodec.length;

/** Numbers in the mailbox. */
export const decisionLength = telemetryStart + telemetryCodec.length;

/** @param row `[decisionLength]`, for the mailbox; a command is for one worker and not published. */
export function encodeDecision(
  { hyperparameters, telemetry }: Omit<Decision, "command">,
  row: Float64Array,
): void {
  hyperparametersCodec.encode(hyperparameters, row);
  telemetryCodec.encode(telemetry, row, telemetryStart);
}
