/** What server and page of the dashboard say to each other, as types alone: both are compiled with this file. */
import type { Chart } from "../pages/chart.ts";

/** What can be asked of a run; a run that cannot do one has no button for it. */
export type Action = "pause" | "resume" | "checkpoint" | "stop";

/** All that is shown at one moment, so that a page may come, or come back, at any time. */
export interface DashboardState {
  readonly title: string;
  /** What the run is doing, in a word or two. */
  readonly status: string;
  /** Actions that make sense now. */
  readonly actions: readonly Action[];
  /** Label and text. */
  readonly facts: readonly (readonly [string, string])[];
  readonly charts: Readonly<Record<string, Chart>>;
  /** Newest first. */
  readonly events: readonly { readonly time: string; readonly kind: string; readonly text: string }[];
  /** Nothing will follow. */
  readonly ended: boolean;
}
