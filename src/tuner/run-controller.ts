/** The controller of a run: what its spec says, in the numbers of its data. */
import type { RunSpec } from "../options/run-spec.ts";
import { runLength } from "../schedule/run-length.ts";
import type { Controller } from "./controller.ts";
import { createController } from "./create-controller.ts";
import { rateSchedule } from "./rate-schedule.ts";

/** What of a run's data and start its controller depends on. */
export interface RunFacts {
  /** Number of training examples, ≥ 1. */
  readonly trainingExamples: number;
  /** |x₀| of the parameters that the run began with, before any resume. */
  readonly initialNorm: number;
  /** P, number of parameters, ≥ 1. */
  readonly parameterCount: number;
}

export function runController(
  spec: RunSpec,
  { initialNorm, parameterCount, trainingExamples }: RunFacts,
): Controller {
  return createController({
    ...spec.optimizer,
    initialNorm,
    parameterCount,
    workers: spec.interleaving.simulateWorkers,
    steersMomentum: spec.staleness.stalenessPolicy === "closed-loop",
    rateSchedule: rateSchedule(spec.optimizer, runLength(spec, trainingExamples)),
  });
}
