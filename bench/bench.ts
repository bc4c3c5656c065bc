/**
 * The benchmarks from the outside, as `#bench`: which there are, running one, showing what it found.
 *
 * Owns where results and their pages go and that none is overwritten unasked. The command line is `src/cli/bench.ts`.
 */
import { existsSync } from "node:fs";
import { cannot, YfError } from "../src/errors.ts";
import { codeFingerprint } from "../src/grid/code-fingerprint.ts";
import { FinishedCells } from "../src/grid/finished-cells.ts";
import type { CountedProgress } from "../src/report/counted-progress.ts";
import { writeFileAtomically } from "../src/report/write-file-atomically.ts";
import { Cells } from "./harness/cells.ts";
import { resultPage } from "./harness/page.ts";
import { type Result, readResult, runScenario, writeResult } from "./harness/results.ts";
import type { Scenario } from "./harness/scenario.ts";
import { resultTable } from "./harness/table.ts";
import { scenarios } from "./scenarios/scenarios.ts";

export { type Result, readResult, resultTable, scenarios };

/** Where a scenario's results go unless it is said otherwise, from the current folder. */
export const defaultFile = (name: string): string => `bench/results/${name}.json`;

export interface BenchOptions {
  readonly quick: boolean;
  /** Length of one measurement of a timing; null for the scenario's own. */
  readonly seconds: number | null;
  readonly peers: boolean;
  /** Results file; null to write none. */
  readonly out: string | null;
  /** Whether `out` may be there already. */
  readonly force: boolean;
  readonly progress: CountedProgress;
  /** Ends the benchmark; finished cells are kept. */
  readonly signal: AbortSignal;
}

/** @throws {YfError} `BAD_OPTION` for a name that no scenario has. */
export function scenarioOf(name: string): Scenario {
  if (Object.hasOwn(scenarios, name)) return scenarios[name];
  const rule = `NAME must be one of ${Object.keys(scenarios).join(", ")}`;
  throw new YfError("BAD_OPTION", cannot("run the benchmark", rule, name), { name });
}

/** Every scenario, a line each. */
export function scenarioList(): string {
  const width = Math.max(...Object.keys(scenarios).map(({ length }) => length));
  return Object.entries(scenarios)
    .map(
      ([name, { description, minutes }]) => `${name.padEnd(width)}  ${description}, ${inWords(minutes.full)}`,
    )
    .join("\n");
}

/**
 * Runs a scenario, or continues one that was interrupted, and writes the results.
 *
 * @throws {YfError} `BAD_OPTION` for an unknown name, `OUTPUT_EXISTS`, `NOT_WRITABLE`, and what the scenario throws.
 * @throws The signal's reason when it was aborted.
 */
export async function runBench(name: string, options: BenchOptions): Promise<Result> {
  const { force, out, peers, progress, quick, seconds, signal } = options;
  const scenario = scenarioOf(name);
  if (out !== null && existsSync(out) && !force) {
    const rule = "must not hold other results (--force overwrites them)";
    throw new YfError("OUTPUT_EXISTS", cannot(`write ${out}`, rule), { file: out });
  }
  const kept = out === null ? null : `${stemOf(out)}.cells.jsonl`;
  const finished = new FinishedCells(kept, codeFingerprint());
  progress.event(`${name}: ${inWords(scenario.minutes[quick ? "quick" : "full"])} on two idle cores`);
  if (finished.found > 0) progress.event(`${finished.found} measurements are there from an earlier run`);
  if (finished.foreign > 0) {
    progress.event(`${finished.foreign} measurements from earlier do not count: other code made them`);
  }
  const cells = new Cells(finished, progress, signal);
  const log = (line: string) => progress.event(line);
  const result = await runScenario(name, scenario, { quick, seconds, peers, cells, log });
  if (out !== null) {
    writeResult(result, out);
    writePage(result, out);
  }
  finished.discard();
  return result;
}

/** Writes the page of a result beside its results file, over an earlier one. @throws {YfError} `NOT_WRITABLE`. */
export function writePage(result: Result, file: string): void {
  const { description } = scenarioOf(result.scenario);
  writeFileAtomically(`${stemOf(file)}.html`, resultPage(result, description));
}

const stemOf = (file: string) => file.replace(/\.json$/, "");

function inWords(minutes: number): string {
  if (minutes < 1) return `about ${Math.ceil(60 * minutes)} seconds`;
  return `about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}
