/** What happens in a run at one moment, as people, log files and callbacks get to know it. */

/** Kinds of events. */
export type RunEventKind =
  | "data"
  | "evaluation"
  | "checkpoint"
  | "pause"
  | "fault"
  | "rollback"
  | "best"
  | "warning"
  | "stop";

/** News of a run. */
export interface RunEvent {
  /** What kind of thing happened. */
  readonly event: RunEventKind;
  /** Of training, since the first update. */
  readonly seconds: number;
  /** Applied by then, all workers together. */
  readonly updates: number;
  /** One line for people. */
  readonly text: string;
}
