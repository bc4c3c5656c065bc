/** A result as a Markdown table, for the README and for people who watch a benchmark run. */
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

/** Renders a result: the table, one line about the machine, one for each contender that did not take part. */
export function resultTable(result: Result): string {
  const { comparisons, tables = [] } = result;
  const timings =
    comparisons.length === 0 ? [] : [{ columns, rows: comparisons.flatMap(comparisonRows), left: 3 }];
  return [
    ...timings.flatMap(({ left, ...table }) => [...markdown(table, left), ""]),
    ...tables.flatMap((table) => [table.title, "", ...markdown(table, 1), ""]),
    about(result),
    ...result.skipped.map((reason) => `Not measured: ${reason}`),
  ].join("\n");
}

/** @param left Number of columns, from the first one, that are aligned to the left. */
function markdown({ columns, rows }: Pick<FigureTable, "columns" | "rows">, left: number): string[] {
  return [line(columns), line(columns.map((_, i) => (i < left ? "---" : "--:"))), ...rows.map(line)];
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

function about({ machine, load, peerVersions, quick }: Result): string {
  const { cpu, cores, memoryGiB, os, versions, commit, modified } = machine;
  const all = Object.entries({ ...versions, ...peerVersions }).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}`,
    all.join(", "),
    commit === null ? "no commit" : `commit ${commit.slice(0, 10)}${modified ? ", modified" : ""}`,
    `load ${load.start[0]} before, ${load.end[0]} after`,
    ...(quick ? ["a quick run, whose figures mean nothing"] : []),
  ].join("; ");
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const figure = (value: number, digits = 4): string =>
  value.toLocaleString("en-US", { maximumSignificantDigits: digits });
