/** How a call says what people should know: to who listens, else in a line on standard error. */
import { type RunEvent, runEvent } from "../report/run-event.ts";
import type { FitRunConfig } from "./fit-config.ts";

const defaultOptimizer =
  'optimizer: yellowfin, which sets its rates by itself (optimizer: "compiled" takes those of model.compile)';

/**
 * @param isNew Whether the session was not trained before: then the optimizer comes first, where nobody wrote it down.
 * @param beginsAnew See {@link OpenSession}.
 */
export function tellerOf(
  { onEvent, optimizer, verbose }: Pick<FitRunConfig, "onEvent" | "optimizer" | "verbose">,
  isNew: boolean,
  beginsAnew: string | null,
): (event: RunEvent) => void {
  const tell =
    onEvent ??
    (({ text }: RunEvent) => {
      if (verbose !== 0) process.stderr.write(`yf-async: ${text}\n`);
    });
  if (beginsAnew !== null) {
    tell(
      warning("options", `A new optimizer begins, without the state of the calls before, as ${beginsAnew}`),
    );
  }
  if (isNew && optimizer === undefined) tell(warning("options", defaultOptimizer));
  return tell;
}

/** Something that people should know before a model is trained. */
export function warning(about: "options" | "model", problem: string): RunEvent {
  return runEvent({ event: "warning", about, problem });
}
