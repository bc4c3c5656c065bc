/** Result files: one JSON file a scenario, with everything that a number needs to be believed. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeFileAtomically } from "../../src/report/write-file-atomically.ts";
import { describeMachine, loadAverages, type Machine } from "./machine.ts";
import { resultsDirectory } from "./places.ts";
import type { Scenario, ScenarioOptions, ScenarioResult } from "./scenario.ts";

export interface Result extends ScenarioResult {
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
  return { scenario: name, quick: options.quick, machine, load: { start, end: loadAverages() }, ...found };
}

/**
 * Writes a result under its scenario's name, over an earlier one.
 *
 * @param folder Ends with a slash. @throws {YfError} `NOT_WRITABLE`.
 */
export function writeResult(result: Result, folder: URL = resultsDirectory): void {
  mkdirSync(folder, { recursive: true });
  writeFileAtomically(fileOf(result.scenario, folder), `${JSON.stringify(result, null, 2)}\n`);
}

/** The last result of a scenario, or null when there is none. */
export function readResult(name: string, folder: URL = resultsDirectory): Result | null {
  const file = fileOf(name, folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Result) : null;
}

const fileOf = (name: string, folder: URL): string => fileURLToPath(new URL(`${name}.json`, folder));
