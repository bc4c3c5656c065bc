/** Where the fault suite keeps what it counted: on standard output, and in one file for all its tests. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine, loadAverages } from "../../bench/harness/machine.ts";

/** The committed figures are made with `YF_FAULT_FIGURES=bench/results/faults.json npm run test:faults`. */
const file =
  process.env.YF_FAULT_FIGURES ?? fileURLToPath(new URL("../../.cache/faults.json", import.meta.url));

/** @param parameters What decides the faults, such as seeds. @param counts What happened. */
export function keepFigures(
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  counts: Readonly<Record<string, unknown>>,
): void {
  console.log(JSON.stringify({ name, parameters, counts }));
  const found = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
  const entry = { parameters, counts, machine: describeMachine(), load: loadAverages() };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...found, [name]: entry }, null, 2)}\n`);
}

/** A number of the environment, to make a test longer. */
export function countFrom(variable: string, fallback: number): number {
  return Number(process.env[variable] ?? fallback);
}
