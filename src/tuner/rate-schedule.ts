/**
 * Schedules: the learning rate of any controller times a factor that falls in the course of a run.
 *
 * Outermost, so that a tuner or the back-off inside sees what it would see without one.
 */
import type { RunSpec } from "../options/run-spec.ts";
import type { RunLength } from "../schedule/run-length.ts";
import { type Controller, type State, type TunerTelemetry, withLearningRate } from "./controller.ts";

/** `cosine` to nearly 0 at the end of the run; `steps` multiply by `decay` after each `every` updates. */
export type RateSchedule =
  | { readonly kind: "cosine"; readonly totalUpdates: number }
  | { readonly kind: "steps"; readonly decay: number; readonly every: number };

/** The schedule of a spec in numbers of updates; null for a constant learning rate. */
export function rateSchedule(
  { decay, decayEvery, schedule }: RunSpec["optimizer"],
  { totalUpdates, updatesPerEpoch }: RunLength,
): RateSchedule | null {
  // Options of which the end of the run is a part are refused where it has none.
  const total = totalUpdates ?? Number.MAX_SAFE_INTEGER;
  const every = decayEvery === null ? null : decayEvery * updatesPerEpoch;
  switch (schedule) {
    case "constant":
      return null;
    case "cosine":
      return { kind: "cosine", totalUpdates: total };
    case "step":
      return { kind: "steps", decay: decay ?? 0.1, every: every ?? total / 3 };
    case "epoch-decay":
      return { kind: "steps", decay: decay ?? 0.97, every: every ?? updatesPerEpoch };
  }
}

/**
 * f, in (0, 1].
 *
 *   cosine  ½·(1 + cos(π·t/T))      steps  decay^⌊t/every⌋
 *
 * @param t Updates before this one, ≥ 0.
 */
export function rateFactor(schedule: RateSchedule, t: number): number {
  if (schedule.kind === "steps") {
    return Math.max(Number.MIN_VALUE, schedule.decay ** Math.floor(t / schedule.every));
  }
  const { totalUpdates } = schedule;
  return (1 + Math.cos((Math.PI * Math.min(t, totalUpdates - 1)) / totalUpdates)) / 2;
}

/** Learning rates beyond this change nothing in float32; products with it stay above 0. */
const leastLearningRate = 1e-300;

/** The same controller with its learning rate multiplied by f. */
export function withRateSchedule<S extends State, T extends TunerTelemetry>(
  controller: Controller<S, T>,
  schedule: RateSchedule,
): Controller<{ inner: S; updates: number }, T> {
  return {
    needsGradientMean: controller.needsGradientMean,
    init: () => ({ inner: controller.init(), updates: 0 }),
    start: () => controller.start(),
    update(state, observation) {
      const decision = controller.update(state.inner, observation);
      const learningRate = Math.max(
        leastLearningRate,
        rateFactor(schedule, state.updates++) * decision.hyperparameters.learningRate,
      );
      return withLearningRate(decision, learningRate);
    },
  };
}
