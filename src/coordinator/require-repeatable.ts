/** Refuses what a deterministic mode could not repeat. */
import type { Program } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import type { TrainSettings } from "../options/parse.ts";
import { isOrdered } from "../schedule/create-schedule.ts";

/** @throws {YfError} BAD_OPTION for programs whose random numbers would depend on which thread runs them. */
export function requireRepeatable(programs: readonly Program[], { mode, workers }: TrainSettings): void {
  if (!isOrdered(mode) || workers === 1 || !programs.some(({ draws }) => draws)) return;
  const rule = `mode ${mode} repeats a model that draws random numbers on one thread only`;
  throw new YfError("BAD_OPTION", cannot("train", rule, `${workers} workers`));
}
