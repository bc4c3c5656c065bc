/** What server and page of the dashboard say to each other, as types alone: both are compiled with this file. */
import type { Chart } from "../pages/chart.ts";

/** What can be asked of a run. */
export type Action = "pause" | "resume" | "checkpoint" | "stop";

/** A button of the page. */
export interface Offer {
  readonly action: Action;
  /** Why the run cannot do it, in a sentence; null where it can. */
  readonly unable: string | null;
}

/** All that is shown at one moment, so that a page may come, or come back, at any time. */
export interface DashboardState {
  readonly title: string;
  /** What the run is doing, in a word or two. */
  readonly status: string;
  /** What makes sense now. */
  readonly offers: readonly Offer[];
  /** Label and text. */
  readonly facts: readonly (readonly [string, string])[];
  readonly charts: Readonly<Record<string, Chart>>;
  /** Newest first. */
  readonly events: readonly { readonly time: string; readonly kind: string; readonly text: string }[];
  /** Nothing will follow. */
  readonly ended: boolean;
}
