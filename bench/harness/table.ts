/** A result as a Markdown table, for pages of results and for people who watch a benchmark run. */
import type { Result } from "./results.ts";
import type { Comparison } from "./rounds.ts";
import type { FigureTable } from "./scenario.ts";

const columns = [
  "measured",
  "contender",
  "unit",
  "best",
  "median",
  "min … max",
  "ratio of best",
  "of medians",
];

/** Renders a result: the tables, one line about the machine, one for each contender that did not take part. */
export function resultTable(result: Result): string {
  const { comparisons, tables = [] } = result;
  const timings = comparisons.length === 0 ? [] : [comparisonTable(comparisons)];
  return [
    ...[...timings, ...tables].flatMap((table) => [
      ...(table.title === "" ? [] : [table.title, ""]),
      markdownTable(table),
      "",
    ]),
    about(result),
    ...result.skipped.map((reason) => `Not measured: ${reason}`),
  ].join("\n");
}

/** All comparisons of a result in one table. */
export function comparisonTable(comparisons: readonly Comparison[]): FigureTable {
  return { title: "", columns, rows: comparisons.flatMap(comparisonRows), left: 3 };
}

/** A table in Markdown, without its title. */
export function markdownTable({ columns, left = 1, rows }: FigureTable): string {
  const rule = columns.map((_, i) => (i < left ? "---" : "--:"));
  return [columns, rule, ...rows].map(line).join("\n");
}

/** One row a contender; the title stands in the first one only, and ratios in those that they are against. */
function comparisonRows({ title, unit, contenders, ratios }: Comparison): string[][] {
  return contenders.map(({ name, best, median, min, max }, i) => {
    const ratio = ratios.find(({ against }) => against === name);
    return [
      i === 0 ? title : "",
      name,
      unit,
      figure(best),
      figure(median),
      `${figure(min)} … ${figure(max)}`,
      ratio === undefined ? "" : `${figure(ratio.best, 3)}×`,
      ratio === undefined ? "" : `${figure(ratio.median, 3)}×`,
    ];
  });
}

function about(result: Result): string {
  return machineFacts(result)
    .map(([name, value]) => (plainFacts.has(name) ? value : `${name} ${value}`))
    .join("; ");
}

/** Facts that say by themselves what they are. */
const plainFacts = new Set(["machine", "versions", "note"]);

/** Where and with what a result was measured, each with its name. */
export function machineFacts({ machine, load, peerVersions, quick }: Result): [string, string][] {
  const { cpu, cores, memoryGiB, os, versions, commit, modified } = machine;
  const all = Object.entries({ ...versions, ...peerVersions }).map(([name, version]) => `${name} ${version}`);
  return [
    ["machine", `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}`],
    ["versions", all.join(", ")],
    ["commit", commit === null ? "unknown" : `${commit.slice(0, 10)}${modified ? ", modified" : ""}`],
    ["load", `${load.start[0]} before, ${load.end[0]} after`],
    ...(quick ? [["note", "a quick run, whose figures mean little"] satisfies [string, string]] : []),
  ];
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const figure = (value: number, digits = 4): string =>
  value.toLocaleString("en-US", { maximumSignificantDigits: digits });
