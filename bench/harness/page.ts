/** A result as a page that needs nothing but itself: charts, tables, machine, and how it was measured. */
import { charts, prose, section, table } from "../../src/pages/blocks.ts";
import type { Chart } from "../../src/pages/chart.ts";
import { type Html, html } from "../../src/pages/html.ts";
import { htmlPage } from "../../src/pages/page.ts";
import type { Result } from "./results.ts";
import type { Comparison } from "./rounds.ts";
import { comparisonTable, machineFacts } from "./table.ts";

/** @param description Of the scenario. */
export function resultPage(result: Result, description: string): string {
  const { charts: plots = [], checks, comparisons, parameters, scenario, skipped, tables = [] } = result;
  const shown = [...comparisonCharts(comparisons), ...plots];
  const all = [...(comparisons.length === 0 ? [] : [comparisonTable(comparisons)]), ...tables];
  const body: Html[] = [
    prose(description),
    ...(shown.length === 0 ? [] : [charts(...shown)]),
    ...all.map(({ columns, left, rows, title }) =>
      table({ columns, rows, left: left ?? 1, ...(title === "" ? {} : { caption: title }) }),
    ),
    ...skipped.map((reason) => prose(`Not measured: ${reason}`)),
    section(
      "How it was measured",
      table({ columns: ["name", "value"], rows: machineFacts(result), left: 2 }),
    ),
    ...(checks.length === 0 ? [] : [section("What was checked first", checkTable(result))]),
    section("Parameters", parameterTable(parameters)),
  ];
  return htmlPage({ title: `yf-async: ${scenario}`, body });
}

function checkTable({ checks }: Result): Html {
  return table({
    columns: ["claim", "largest error", "accepted"],
    rows: checks.map(({ claim, error, tolerance }) => [
      claim,
      error.toPrecision(2),
      tolerance.toPrecision(2),
    ]),
  });
}

function parameterTable(parameters: Result["parameters"]): Html {
  const rows = Object.entries(parameters).map(([name, value]) => [
    name,
    html`<code>${written(value)}</code>`,
  ]);
  return table({ columns: ["name", "value"], rows, left: 2 });
}

const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** One chart for each unit: bars of medians, a group for each comparison, a colour for each contender. */
function comparisonCharts(comparisons: readonly Comparison[]): Chart[] {
  const units = [...new Set(comparisons.map(({ unit }) => unit))];
  return units.map((unit) => {
    const own = comparisons.filter((comparison) => comparison.unit === unit);
    const names = [...new Set(own.flatMap(({ contenders }) => contenders.map(({ name }) => name)))];
    const medianOf = ({ contenders }: Comparison, name: string) =>
      contenders.find((contender) => contender.name === name)?.median ?? null;
    const medians = own.flatMap(({ contenders }) => contenders.map(({ median }) => median));
    const scale = Math.max(...medians) > 50 * Math.min(...medians) ? "log" : "linear";
    return {
      kind: "bars",
      title: `Medians, ${own[0].better} is better`,
      x: { label: "", categories: own.map(({ title }) => title) },
      y: { label: unit, scale },
      series: names.map((name) => ({ name, y: own.map((comparison) => medianOf(comparison, name)) })),
    };
  });
}
