/** What a benchmark is: something with a name that checks an answer, measures, and hands back what it found. */
import type { Chart } from "../../src/pages/chart.ts";
import type { Cells } from "./cells.ts";
import type { Comparison } from "./rounds.ts";

export interface ScenarioOptions {
  /** As little as still shows what the scenario is about, in at most three minutes. */
  readonly quick: boolean;
  /** Length of one measurement; null for the scenario's own. */
  readonly seconds: number | null;
  /** Whether to measure peers (PyTorch) too, where they are installed. */
  readonly peers: boolean;
  /** What was measured already, and where what is measured goes. */
  readonly cells: Cells;
  /** Tells people what happens, one line a call. */
  readonly log: (line: string) => void;
}

/** One agreement that was found before anything was measured; a scenario throws where there is none. */
export interface Check {
  /** What agrees with what, in words. */
  readonly claim: string;
  /** Largest relative error found; 0 for equal bits. */
  readonly error: number;
  /** Largest that would have been accepted. */
  readonly tolerance: number;
}

export interface ScenarioResult {
  /** Whatever the numbers depend on besides the machine: seeds, sizes, rounds, seconds. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly checks: readonly Check[];
  readonly comparisons: readonly Comparison[];
  /** Contenders that did not take part, each with the reason, in words. */
  readonly skipped: readonly string[];
  /** Versions of the peers that took part. */
  readonly peerVersions: Readonly<Record<string, string>>;
  /** Figures that are no comparison of timings, for people. */
  readonly tables?: readonly FigureTable[];
  /** The same to look at. */
  readonly charts?: readonly Chart[];
  /** Every single number behind the tables. */
  readonly details?: unknown;
}

export interface FigureTable {
  /** What is to be read from it; may be empty. */
  readonly title: string;
  readonly columns: readonly string[];
  /** As many cells each as there are columns. */
  readonly rows: readonly (readonly string[])[];
  /** Columns from the first one on that hold words; 1 if absent. */
  readonly left?: number;
}

export interface Scenario {
  /** One line for people. */
  readonly description: string;
  /** On two idle cores, whole and `--quick`. */
  readonly minutes: { readonly full: number; readonly quick: number };
  run(options: ScenarioOptions): Promise<ScenarioResult>;
}
