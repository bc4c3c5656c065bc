/** The runs of a grid as a table: a row for each cell, medians over its seeds, best cell first. */
import { percent, significant } from "../report/live-fields.ts";
import type { GridRun } from "./run-grid.ts";

const worstHigh = Number.POSITIVE_INFINITY;
const worstLow = Number.NEGATIVE_INFINITY;

interface Column {
  readonly title: string;
  /** The number to show, null where there is none. */
  value(run: GridRun): number | null;
  /** What a missing number counts as in the median: the worst there is. */
  readonly missing: number;
  show(value: number): string;
}

/**
 * @param runs Cell by cell; the seeds of one cell in a row. @param targets As in the grid.
 * @returns Lines of equal columns: by updates to the first target if there are targets, else by test accuracy, else by
 *   training loss. “–” stands where at least half of the seeds have no such number.
 */
export function gridTable(runs: readonly GridRun[], targets: readonly number[]): string {
  const keys = new Set(runs.map(({ varied }) => JSON.stringify(varied)));
  const cells = [...keys].map((key) => runs.filter(({ varied }) => JSON.stringify(varied) === key));
  const names = [...new Set(runs.flatMap(({ varied }) => Object.keys(varied)))];
  const columns = columnsFor(targets);
  const rows = cells
    .map((cell) => ({ cell, order: orderOf(cell, targets) }))
    .sort((a, b) => a.order - b.order)
    .map(({ cell }) => [
      ...names.map((name) => (name in cell[0].varied ? String(cell[0].varied[name]) : "")),
      ...columns.map(({ missing, show, value }) => {
        const median = medianOf(cell.map(value), missing);
        return median === null ? "–" : show(median);
      }),
      `${cell.filter(({ finite }) => finite).length} of ${cell.length}`,
    ]);
  return aligned([[...names, ...columns.map(({ title }) => title), "finite"], ...rows]);
}

function columnsFor(targets: readonly number[]): Column[] {
  return [
    ...targets.map((target, i) => ({
      title: `updates to ${target}`,
      value: (run: GridRun) => run.updatesToTarget[i],
      missing: worstHigh,
      show: (value: number) => value.toLocaleString("en-US"),
    })),
    { title: "train loss", value: (run) => run.trainLoss, missing: worstHigh, show: significant },
    { title: "test accuracy", value: (run) => run.testAccuracy, missing: worstLow, show: percent },
    { title: "staleness", value: (run) => run.stalenessMean, missing: worstHigh, show: significant },
    { title: "updates/s", value: (run) => run.updatesPerSecond, missing: worstLow, show: significant },
  ];
}

/** Smaller is better; cells without the number come last. */
function orderOf(cell: readonly GridRun[], targets: readonly number[]): number {
  const reached = medianOf(
    cell.map(({ updatesToTarget }) => updatesToTarget[0] ?? null),
    worstHigh,
  );
  const accuracy = medianOf(
    cell.map(({ testAccuracy }) => testAccuracy),
    worstLow,
  );
  const loss = medianOf(
    cell.map(({ trainLoss }) => trainLoss),
    worstHigh,
  );
  if (targets.length > 0) return reached ?? worstHigh;
  return (accuracy === null ? loss : -accuracy) ?? worstHigh;
}

/** Null where the median falls on a missing number. */
function medianOf(values: readonly (number | null)[], missing: number): number | null {
  const sorted = values.map((value) => value ?? missing).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return Number.isFinite(median) ? median : null;
}

/** Left-aligned columns with two spaces in between. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
