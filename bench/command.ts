/** The command line of the benchmarks: which scenario, how long, and what is printed where. */
import { parseArgs } from "node:util";
import { cannot } from "../src/errors.ts";
import { readResult, runScenario, writeResult } from "./harness/results.ts";
import { resultTable } from "./harness/table.ts";
import { scenarios } from "./scenarios/scenarios.ts";

export interface Output {
  /** The one JSON line of a result, or whatever else was asked for. */
  result(line: string): void;
  /** For people. */
  log(line: string): void;
}

const flags = {
  quick: { type: "boolean", text: "--quick      Only see that it works: a second or so, no result file" },
  seconds: { type: "string", text: "--seconds S  Length of one measurement (default: the scenario's own)" },
  "no-peers": { type: "boolean", text: "--no-peers   Leave PyTorch out" },
  table: { type: "boolean", text: "--table      Print the last result as a Markdown table, measure nothing" },
  help: { type: "boolean", text: "--help       Print this" },
} as const;

/**
 * Runs one command: prints one JSON line as the result, and tells people the rest.
 *
 * @param args Without the program. @returns The exit code: 2 for wrong arguments.
 */
export async function runCommand(args: readonly string[], output: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: flags,
    allowPositionals: true,
    strict: false,
  });
  if (values.help) {
    output.result(help());
    return 0;
  }
  const [name] = positionals;
  const problem = problemWith(values, positionals);
  if (problem !== null) {
    output.log(problem);
    return 2;
  }
  if (values.table) {
    const result = readResult(name);
    if (result !== null) output.result(resultTable(result));
    else output.log(cannot("print the table", `${name} must have been run before`, "no result file"));
    return result === null ? 2 : 0;
  }
  const quick = values.quick === true;
  const result = await runScenario(name, scenarios[name], {
    quick,
    seconds: values.seconds === undefined ? null : Number(values.seconds),
    peers: !values["no-peers"],
    log: output.log,
  });
  if (!quick) writeResult(result);
  output.log(resultTable(result));
  output.result(JSON.stringify(result));
  return 0;
}

/** What is wrong with the arguments, in one sentence, or null. */
function problemWith(
  values: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): string | null {
  const names = `NAME must be one of ${Object.keys(scenarios).join(", ")}`;
  if (positionals.length !== 1 || !Object.hasOwn(scenarios, positionals[0])) {
    return cannot("run the benchmark", names, positionals.length === 0 ? "nothing" : positionals.join(" "));
  }
  for (const [flag, value] of Object.entries(values)) {
    if (!Object.hasOwn(flags, flag)) {
      const known = Object.keys(flags).map((known) => `--${known}`);
      return cannot("run the benchmark", `options must be among ${known.join(", ")}`, `--${flag}`);
    }
    if (flag === "seconds") {
      if (!(typeof value === "string" && Number(value) > 0 && Number.isFinite(Number(value)))) {
        return cannot("parse --seconds", "it must be a number > 0", value === true ? "nothing" : value);
      }
    } else if (value !== true) return cannot(`parse --${flag}`, "it takes no value", value);
  }
  return null;
}

function help(): string {
  const width = Math.max(...Object.keys(scenarios).map(({ length }) => length));
  return [
    "Usage: npm run bench -- NAME [OPTIONS]",
    "",
    "Scenarios:",
    ...Object.entries(scenarios).map(([name, { description }]) => `  ${name.padEnd(width)}  ${description}`),
    "",
    "Options:",
    ...Object.values(flags).map(({ text }) => `  ${text}`),
    "",
    "Prints the result as one JSON line and writes it to bench/results/NAME.json.",
  ].join("\n");
}
