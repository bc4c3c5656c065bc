/** Result files: one JSON file a scenario, with everything that a number needs to be believed. */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { cannot, YfError } from "../../src/errors.ts";
import { makeFolder } from "../../src/report/make-folder.ts";
import { writeFileAtomically } from "../../src/report/write-file-atomically.ts";
import { describeMachine, loadAverages, type Machine } from "./machine.ts";
import { resultsDirectory } from "./places.ts";
import type { Scenario, ScenarioOptions, ScenarioResult } from "./scenario.ts";

/** Of the layout of {@link Result}. */
const version = 1;

export interface Result extends ScenarioResult {
  readonly version: typeof version;
  readonly scenario: string;
  /** True for a run that only shows that the scenario works. */
  readonly quick: boolean;
  readonly machine: Machine;
  /** Load averages over 1, 5 and 15 minutes before and after. */
  readonly load: { readonly start: readonly number[]; readonly end: readonly number[] };
}

/** Runs a scenario and puts the machine and its load around what it found. */
export async function runScenario(
  name: string,
  scenario: Scenario,
  options: ScenarioOptions,
): Promise<Result> {
  const machine = describeMachine();
  const start = loadAverages();
  const found = await scenario.run(options);
  const load = { start, end: loadAverages() };
  return { version, scenario: name, quick: options.quick, machine, load, ...found };
}

/** Writes a result, over an earlier one. @throws {YfError} `NOT_WRITABLE`. */
export function writeResult(result: Result, file: string): void {
  makeFolder(dirname(file));
  writeFileAtomically(file, `${compactLists(JSON.stringify(result, null, 2))}\n`);
}

/** Puts each list of numbers on one line. */
function compactLists(json: string): string {
  return json.replace(/\[\s+(?:(?:null|[-+.\de]+),?\s+)+\]/g, (list) => list.replace(/\s+/g, " "));
}

/** The committed result of a scenario, or null when there is none. @throws {YfError} As {@link readResult}. */
export function committedResult(name: string): Result | null {
  const file = fileURLToPath(new URL(`${name}.json`, resultsDirectory));
  return existsSync(file) ? readResult(file) : null;
}

/** Reads what {@link writeResult} wrote. @throws {YfError} `BAD_RESULT` if the file is another one, or none. */
export function readResult(file: string): Result {
  let parsed: Partial<Result>;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8")) as Partial<Result>;
  } catch (error) {
    const rule = "must be the results file of a benchmark";
    throw new YfError("BAD_RESULT", cannot(`read ${file}`, rule, (error as Error).message), { file }, error);
  }
  if (parsed?.version === version) return parsed as Result;
  const rule = `must be a results file of version ${version}`;
  throw new YfError("BAD_RESULT", cannot(`read ${file}`, rule, parsed?.version), { file });
}
