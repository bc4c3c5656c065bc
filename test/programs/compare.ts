/**
 * Trains every program with nothing but its one line changed, and as it is: `npm run test:programs`. Compares times, losses and
 * metrics, and writes `bench/results/programs.json`. With names as arguments, those programs alone, and no file; `--seeds 2`
 * takes two instead of three. An interrupted comparison continues where it ended.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Cells } from "../../bench/harness/cells.ts";
import { resultsDirectory } from "../../bench/harness/places.ts";
import { runScenario, writeResult } from "../../bench/harness/results.ts";
import type { FigureTable, Scenario, ScenarioOptions, ScenarioResult } from "../../bench/harness/scenario.ts";
import { resultTable } from "../../bench/harness/table.ts";
import { codeFingerprint } from "../../src/grid/code-fingerprint.ts";
import { FinishedCells } from "../../src/grid/finished-cells.ts";
import { createCountedProgress } from "../../src/report/counted-progress.ts";
import type { ChildResult, ContenderName } from "./harness/compare-child.ts";
import { type Measured, median, seconds, valuesOf, worseFigures } from "./harness/comparison.ts";
import { programs } from "./programs.ts";

const { positionals: named, values: options } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "3" } },
});
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);
/** Programs that TensorFlow.js trains in less say nothing about speed. */
const leastSeconds = 2;
const timeoutSeconds = 300;

const child = fileURLToPath(new URL("harness/compare-child.js", import.meta.url));

/** @param limit Seconds after which it is too slow. @returns Null then, and if the contender cannot run the program, as where a backend has no gradient of a kernel. */
async function runChild(
  name: string,
  contender: ContenderName,
  seed: number,
  limit: number,
): Promise<ChildResult | null> {
  const run = spawn(process.execPath, [child, name, contender, `${seed}`], {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: Math.ceil(1000 * limit),
  });
  let output = "";
  run.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = (await once(run, "close")) as [number | null];
  return code === 0 ? (JSON.parse(output.trim().split("\n").at(-1) ?? "") as ChildResult) : null;
}

type Results = Map<ContenderName, ChildResult[]>;

const ways = ["changed line", "compiled"] as const;
const backends = ["wasm", "cpu"] as const;

/** One run of each contender with one seed. The first seed finds the faster backend of TensorFlow.js. */
async function measureSeed(name: string, seed: number, results: Results, cells: Cells): Promise<void> {
  const isFirst = results.size === 0;
  const contenders = isFirst ? [...ways, ...backends] : [...results.keys()];
  let limit = timeoutSeconds;
  for (const contender of seed % 2 === 1 ? contenders : contenders.toReversed()) {
    const result = await cells.get(
      `${name}, ${contender}, seed ${seed}`,
      { name, contender, seed },
      () => runChild(name, contender, seed, limit),
      (run) => (run === null ? "cannot run it, or is slower" : `${run.seconds.toFixed(1)} s`),
    );
    if (result !== null) results.set(contender, [...(results.get(contender) ?? []), result]);
    else if (!isFirst || contender === "changed line" || contender === "compiled") {
      throw new Error(`Cannot compare ${name}: ${contender} failed with seed ${seed}`);
    }
    if (contender === "wasm" && result !== null) limit = 1.5 * result.seconds;
  }
  const [wasm, cpu] = backends.map(
    (backend) => results.get(backend)?.[0].seconds ?? Number.POSITIVE_INFINITY,
  );
  if (isFirst) results.delete(wasm < cpu ? "cpu" : "wasm");
}

function measured(name: string, results: Results): Measured {
  const backend = results.has("wasm") ? "wasm" : "cpu";
  const of = (contender: ContenderName) => results.get(contender) ?? [];
  const ours = { "changed line": of("changed line"), compiled: of("compiled") };
  return { name, backend, theirs: of(backend), ours };
}

function timesTable(all: readonly Measured[]): FigureTable {
  return {
    title: "",
    columns: [
      "program",
      "TensorFlow.js, s",
      "backend",
      "one changed line, s",
      "",
      "worse",
      'and `optimizer: "compiled"`, s',
      "",
      "worse",
    ],
    rows: all.map(({ backend, name, ours, theirs }) => [
      name,
      seconds(theirs).toFixed(1),
      backend,
      ...ways.flatMap((way) => [
        seconds(ours[way]).toFixed(1),
        seconds(theirs) < leastSeconds ? "" : `${(seconds(theirs) / seconds(ours[way])).toFixed(1)}×`,
        worseFigures(ours[way], theirs).join(", "),
      ]),
    ]),
  };
}

function figuresTable(all: readonly Measured[]): FigureTable {
  const cell = (runs: readonly ChildResult[], figure: string) => {
    const values = valuesOf(runs, figure);
    const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
      value.toLocaleString("en-US", { maximumSignificantDigits: 3 }),
    );
    return `${middle} (${least} … ${most})`;
  };
  return {
    title: `Loss and metrics in the end, of examples that were not trained with: median (least … largest) of ${seeds.length} seeds`,
    columns: ["program", "", "TensorFlow.js", "one changed line", 'and `optimizer: "compiled"`'],
    left: 2,
    rows: all.flatMap(({ name, ours, theirs }) =>
      Object.keys(theirs[0].figures).map((figure, i) => [
        i === 0 ? name : "",
        figure,
        cell(theirs, figure),
        ...ways.map((way) => cell(ours[way], figure)),
      ]),
    ),
  };
}

async function run(names: readonly string[], { cells }: ScenarioOptions): Promise<ScenarioResult> {
  cells.plan(names.length * ((ways.length + 1) * seeds.length + 1));
  const results = new Map(names.map((name): [string, Results] => [name, new Map()]));
  // All programs with one seed, then with the next: whatever slows the machine for a while slows all.
  for (const seed of seeds) for (const [name, own] of results) await measureSeed(name, seed, own, cells);
  const all = names.map((name) => measured(name, results.get(name) as Results));
  return {
    parameters: { seeds, leastSeconds },
    checks: [],
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [timesTable(all), figuresTable(all)],
    details: { programs: all },
  };
}

const file = named.length > 0 ? null : fileURLToPath(new URL("programs.json", resultsDirectory));
const names = programs.map(({ name }) => name).filter((name) => named.length === 0 || named.includes(name));
const finished = new FinishedCells(file?.replace(/json$/, "cells.jsonl") ?? null, codeFingerprint());
const progress = createCountedProgress({ quiet: false });
const cells = new Cells(finished, progress, new AbortController().signal);
const scenario: Scenario = {
  description: "Programs of TensorFlow.js with one changed line",
  minutes: { full: 15, quick: 15 },
  run: (options) => run(names, options),
};
const log = (line: string) => progress.event(line);
const result = await runScenario("programs", scenario, {
  quick: false,
  seconds: null,
  peers: false,
  cells,
  log,
});
progress.close();
if (file !== null) writeResult(result, file);
finished.discard();
process.stdout.write(`${resultTable(result)}\n`);
