/** What a chart shows, as plain data: written into a page, sent to one, and drawn in the browser by `browser/chart.ts`. */

interface Axis {
  /** With its unit. */
  readonly label: string;
  /** Values ≤ 0 have no place on a logarithmic axis and are left out. Default `linear`. */
  readonly scale?: "linear" | "log";
  /** Ends of the axis where the data shall not say. */
  readonly min?: number;
  readonly max?: number;
}

export interface Series {
  readonly name: string;
  /** Ascending; the number of the value, from 0, if absent. In a bar chart: of the category. */
  readonly x?: readonly number[];
  /** As many as {@link x}; null leaves a gap. */
  readonly y: readonly (number | null)[];
  /** Default `line`; `dashed` for what is compared with. */
  readonly style?: "line" | "dashed" | "points";
  /** A band from `low` to `high` around the line, such as minimum and maximum of several runs. */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
  /** Number of the colour in the palette, 0 … 7, where series of several charts belong together. Default: its place. */
  readonly color?: number;
}

interface LineChart {
  readonly kind: "lines";
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Bars side by side for each category: a histogram, or contenders compared. */
interface BarChart {
  readonly kind: "bars";
  readonly title: string;
  readonly x: { readonly label: string; readonly categories: readonly string[] };
  readonly y: Axis;
  readonly series: readonly Series[];
}

export type Chart = LineChart | BarChart;
