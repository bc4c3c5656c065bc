/** A run as its files tell it, finished or not. */
import type { Metrics } from "./metrics-file.ts";
import type { Summary } from "./summary.ts";

export interface RunRecord extends Metrics {
  /** For people: the folder of the run. */
  readonly name: string;
  /** Null while the run is running, and of a run that was interrupted. */
  readonly summary: Summary | null;
}
