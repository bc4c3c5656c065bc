/** How a call says what people should know: to who listens, else in a line on standard error. */
import type { RunEvent } from "../report/run-event.ts";
import type { FitRunConfig } from "./fit-config.ts";

const defaultOptimizer =
  'optimizer: yellowfin, which sets its rates by itself (optimizer: "compiled" takes those of model.compile)';

/** Begins with the optimizer, where that is not the one that the user wrote down. */
export function tellerOf({ onEvent, optimizer, verbose }: FitRunConfig): (event: RunEvent) => void {
  const tell =
    onEvent ??
    (({ event, text }: RunEvent) => {
      if (verbose === 0 || event === "evaluation") return;
      process.stderr.write(`yf-async: ${text}\n`);
    });
  if (optimizer === undefined) tell({ event: "warning", seconds: 0, updates: 0, text: defaultOptimizer });
  return tell;
}
