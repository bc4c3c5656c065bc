/** What shows a run to people: the interface that the terminal's views share. */
import type { RunSnapshot } from "./run-snapshot.ts";
import type { Summary } from "./summary.ts";

/** What is known of a run before it begins. */
export interface RunInfo {
  /** One line, such as "lenet on mnist, 8 workers". */
  readonly title: string;
  /** Time limit of the training, null for none. */
  readonly maxSeconds: number | null;
}

/** The calls come in this order: `start`, any number of `update`, `event` and `warn`, `finish` if all went well, `close`. */
export interface ProgressView {
  start(info: RunInfo): void;
  /** As often as one likes. */
  update(snapshot: RunSnapshot): void;
  /** One line of news, such as the result of an evaluation. */
  event(text: string): void;
  /** One line that must be known, such as what could not be written: shown where no progress is, too. */
  warn(text: string): void;
  /** Shows the result. */
  finish(summary: Summary): void;
  /** Leaves the terminal as it was; may be called at any time and again. */
  close(): void;
}
