/** The plots of one run, or of several in one. A series without a number is left out, and so is a plot without a series. */
import type { Chart } from "../pages/chart.ts";
import type { RecordedSnapshot } from "./metrics-file.ts";
import type { RunRecord } from "./run-record.ts";

/** What the plots need of a run. */
export type PlottedRun = Pick<RunRecord, "name" | "snapshots">;

type Series = Chart["series"][number];
type Column = (snapshot: RecordedSnapshot) => number | null;

/** Points of a line: more than a screen has columns tell nothing more. */
const mostPoints = 800;
/** Workers that are drawn one by one; more are drawn as a band. */
const mostLines = 8;

const time = { label: "seconds of training" };

/** Every plot of one run by a name that stays. */
export function runCharts({ snapshots }: PlottedRun): Record<string, Chart> {
  const points = thinned(snapshots, mostPoints);
  const lines = (
    title: string,
    y: Chart["y"],
    ...columns: readonly (readonly [string, Column, Partial<Series>?])[]
  ): Chart => ({
    kind: "lines",
    title,
    x: time,
    y,
    series: present(columns.map(([name, column, style]) => ({ ...line(name, points, column), ...style }))),
  });
  const test = { style: "points" } as const;
  return withSeries({
    loss: lines(
      "Loss",
      { label: "loss", scale: "log" },
      ["training", ({ loss }) => loss],
      ["test", once(points, ({ testLoss }) => testLoss), test],
    ),
    accuracy: lines("Test accuracy", { label: "%" }, ["test", once(points, accuracyOf)]),
    momentum: lines(
      "Momentum",
      { label: "momentum" },
      ["applied by workers", ({ momentumAlgorithmic }) => momentumAlgorithmic],
      ["measured in total", ({ momentumTotal }) => momentumTotal],
      ["aimed at", ({ momentumTarget }) => momentumTarget],
      [
        "asynchrony alone, 1 − 1/M",
        ({ momentumPredicted }) => momentumPredicted,
        { style: "dashed", color: 6 },
      ],
    ),
    learningRate: lines("Learning rate", { label: "learning rate", scale: "log" }, [
      "learning rate",
      ({ learningRate }) => learningRate,
    ]),
    speed: lines("Speed", { label: "updates/s", min: 0 }, [
      "all workers",
      ({ updatesPerSecond }) => updatesPerSecond,
    ]),
    staleness: histogram(snapshots.at(-1)),
    timeline: timeline(points),
    workers: workerBars(
      "Updates of each worker",
      "updates",
      snapshots.at(-1),
      ({ workerUpdates }) => workerUpdates,
    ),
    faults: faultBars(snapshots.at(-1)),
    busy: workerBars("Time at work", "%", snapshots.at(-1), ({ seconds, workerBusySeconds }) =>
      seconds === null || seconds === 0
        ? []
        : workerBusySeconds.map((busy) => Math.min(100, (100 * (busy ?? 0)) / seconds)),
    ),
  });
}

/** The plots in which several runs can be compared, a series each. */
export function comparisonCharts(runs: readonly PlottedRun[]): Record<string, Chart> {
  const perRun = (
    title: string,
    y: Chart["y"],
    column: Column,
    x: Column = ({ seconds }) => seconds,
  ): Chart => ({
    kind: "lines",
    title,
    x: x === epochOf ? { label: "epochs" } : time,
    y,
    series: present(
      runs.map(({ name, snapshots }, color) => {
        const points = thinned(snapshots, mostPoints);
        return { ...line(name, points, column === accuracyOf ? once(points, column) : column, x), color };
      }),
    ),
  });
  return withSeries({
    loss: perRun("Training loss by time", { label: "loss", scale: "log" }, ({ loss }) => loss),
    lossByEpoch: perRun(
      "Training loss by epoch",
      { label: "loss", scale: "log" },
      ({ loss }) => loss,
      epochOf,
    ),
    accuracy: perRun("Test accuracy by time", { label: "%" }, accuracyOf),
    accuracyByEpoch: perRun("Test accuracy by epoch", { label: "%" }, accuracyOf, epochOf),
    momentum: perRun("Total momentum", { label: "momentum" }, ({ momentumTotal }) => momentumTotal),
    learningRate: perRun(
      "Learning rate",
      { label: "learning rate", scale: "log" },
      ({ learningRate }) => learningRate,
    ),
    speed: perRun("Speed", { label: "updates/s", min: 0 }, ({ updatesPerSecond }) => updatesPerSecond),
    staleness: {
      kind: "lines",
      title: "Staleness",
      x: { label: "updates between a gradient's read and its write" },
      y: { label: "% of updates", min: 0 },
      series: present(
        runs.map(({ name, snapshots }, color) => ({ name, y: shares(snapshots.at(-1)), color })),
      ),
    },
  });
}

/** A number of an evaluation where it was made; later snapshots repeat it. */
function once(points: readonly RecordedSnapshot[], column: Column): Column {
  const repeated = new Set(points.filter((point, i) => i > 0 && point.testLoss === points[i - 1].testLoss));
  return (snapshot) => (repeated.has(snapshot) ? null : column(snapshot));
}

const epochOf: Column = ({ epoch }) => epoch;
const accuracyOf: Column = ({ testAccuracy }) => (testAccuracy === null ? null : 100 * testAccuracy);

function line(
  name: string,
  snapshots: readonly RecordedSnapshot[],
  column: Column,
  x: Column = ({ seconds }) => seconds,
): Series {
  return { name, x: snapshots.map((snapshot) => x(snapshot) ?? 0), y: snapshots.map(column) };
}

const present = (series: readonly Series[]) => series.filter(({ y }) => y.some((value) => value !== null));

function withSeries(charts: Record<string, Chart>): Record<string, Chart> {
  return Object.fromEntries(Object.entries(charts).filter(([, { series }]) => series.length > 0));
}

/** About so many of a list at even distances, the last always, and all that bring a new evaluation. */
function thinned(snapshots: readonly RecordedSnapshot[], most: number): readonly RecordedSnapshot[] {
  const step = Math.ceil(snapshots.length / most);
  const evaluated = (i: number) => i > 0 && snapshots[i].testLoss !== snapshots[i - 1].testLoss;
  return snapshots.filter((_, i) => i % step === 0 || i === snapshots.length - 1 || evaluated(i));
}

function shares(last: RecordedSnapshot | undefined): number[] {
  const counts = (last?.stalenessCounts ?? []).map((count) => count ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (100 * count) / total);
}

/** Share of the updates that has bars of its own: the stalest may lie far from all others, and have one together. */
const shownPercent = 99.5;

function histogram(last: RecordedSnapshot | undefined): Chart {
  const each = shares(last);
  let sum = 0;
  const shown = each.findIndex((share) => {
    sum += share;
    return sum >= shownPercent;
  });
  const rest = each.slice(shown + 1);
  const isCut = shown >= 0 && rest.length > 1;
  const y = isCut ? [...each.slice(0, shown + 1), rest.reduce((a, b) => a + b, 0)] : each;
  const categories = y.map((_, i) => (isCut && i === shown + 1 ? `≥ ${i}` : `${i}`));
  return {
    kind: "bars",
    title: "Staleness",
    x: { label: "updates between a gradient's read and its write", categories },
    y: { label: "% of updates" },
    series: present([{ name: "share of updates", y }]),
  };
}

function workerBars(
  title: string,
  label: string,
  last: RecordedSnapshot | undefined,
  valuesOf: (last: RecordedSnapshot) => readonly (number | null)[],
): Chart {
  const y = last === undefined ? [] : valuesOf(last);
  return {
    kind: "bars",
    title,
    x: { label: "worker", categories: y.map((_, rank) => `${rank}`) },
    y: { label },
    series: present([{ name: label, y }]),
  };
}

/** Of the threads, not of the workers that a schedule simulates on them; of no run without a fault. */
function faultBars(last: RecordedSnapshot | undefined): Chart {
  const counts = last?.workerFaults ?? [];
  const y = counts.some((count) => count !== null && count > 0) ? counts : [];
  return {
    kind: "bars",
    title: "Faults of each thread",
    x: { label: "thread", categories: y.map((_, rank) => `${rank}`) },
    y: { label: "times replaced" },
    series: present([{ name: "times replaced", y }]),
  };
}

/** Updates per second of each worker; of many workers the slowest, the median and the fastest. */
function timeline(snapshots: readonly RecordedSnapshot[]): Chart {
  const points = apart(snapshots);
  const speeds = points.slice(1).map((point, i) => speedsBetween(points[i], point));
  const x = points.slice(1).map(({ seconds }) => seconds ?? 0);
  const workers = points.at(-1)?.workerUpdates.length ?? 0;
  const sorted = speeds.map((values) => values.toSorted((a, b) => a - b));
  const series: readonly Series[] =
    workers <= mostLines
      ? Array.from({ length: workers }, (_, rank) => ({
          name: `worker ${rank}`,
          x,
          y: speeds.map((values) => values[rank] ?? null),
        }))
      : [
          {
            name: "median worker",
            x,
            y: sorted.map((values) => values[values.length >> 1] ?? null),
            band: {
              low: sorted.map((values) => values[0] ?? null),
              high: sorted.map((values) => values.at(-1) ?? null),
            },
          },
        ];
  return {
    kind: "lines",
    title: "Speed of each worker",
    x: time,
    y: { label: "updates/s", min: 0 },
    series: present(series),
  };
}

/** Seconds between two moments that a speed is measured by: an evaluation may be recorded just after or before another moment. */
const leastSeconds = 0.5;

function apart(snapshots: readonly RecordedSnapshot[]): readonly RecordedSnapshot[] {
  let last = Number.NEGATIVE_INFINITY;
  return snapshots.filter(({ seconds }) => {
    const isApart = (seconds ?? 0) - last >= leastSeconds;
    if (isApart) last = seconds ?? 0;
    return isApart;
  });
}

function speedsBetween(from: RecordedSnapshot, to: RecordedSnapshot): number[] {
  const seconds = (to.seconds ?? 0) - (from.seconds ?? 0);
  if (seconds <= 0) return [];
  return to.workerUpdates.map(
    (updates, rank) => ((updates ?? 0) - (from.workerUpdates[rank] ?? 0)) / seconds,
  );
}
