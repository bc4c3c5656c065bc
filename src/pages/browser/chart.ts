/**
 * The element `<yf-chart>`: draws the chart that its first child describes as JSON, or that its property `chart` is set
 * to, with uPlot. It fills the width that it has, follows light and dark, and prints in light.
 *
 * A module without imports, as it stands inside of pages.
 */
import type uPlotLibrary from "uplot";
import type { Chart, Series } from "../chart.ts";

declare const uPlot: typeof uPlotLibrary;

const colors = 8;
const largestHeight = 280;

/** Of a style property of the page, at the moment of drawing. */
const styleOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const colorOf = ({ color }: Series, place: number) => styleOf(`--series-${(color ?? place) % colors}`);

/** Four significant digits, and no more zeros than it takes. */
function written(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return size >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(4)));
}

class ChartElement extends HTMLElement {
  #chart: Chart | null = null;
  #plot: uPlotLibrary | null = null;
  readonly #size = new ResizeObserver(() => this.#resize());

  connectedCallback(): void {
    this.#size.observe(this);
    const given = this.querySelector("script[type='application/json']");
    if (this.#chart === null && given !== null) this.chart = JSON.parse(given.textContent ?? "") as Chart;
  }

  disconnectedCallback(): void {
    this.#size.disconnect();
  }

  /** Draws anew, or only the data if nothing else has changed. */
  set chart(chart: Chart) {
    const before = this.#chart;
    this.#chart = chart;
    if (before !== null && this.#plot !== null && frameOf(before) === frameOf(chart)) {
      this.#plot.setData(alignedData(chart));
    } else {
      this.#build(chart);
    }
  }

  /** Draws with the colours that the page has now. */
  redraw(): void {
    if (this.#chart !== null) this.#build(this.#chart);
  }

  #build(chart: Chart): void {
    this.#plot?.destroy();
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    caption.textContent = chart.title;
    figure.append(caption);
    this.replaceChildren(figure);
    const width = Math.max(this.clientWidth, 200);
    this.#plot = new uPlot(plotOptions(chart, width), alignedData(chart), figure);
    figure.append(this.#numbers());
  }

  /** The data in words, for those who cannot see the plot or want its numbers. */
  #numbers(): HTMLElement {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "Numbers";
    details.append(summary);
    details.addEventListener("toggle", () => {
      details.querySelector("div")?.remove();
      if (details.open && this.#chart !== null) details.append(numbersTable(this.#chart));
    });
    return details;
  }

  #resize(): void {
    const plot = this.#plot;
    const width = this.clientWidth;
    if (plot === null || width === 0 || width === plot.width) return;
    plot.setSize({ width, height: heightFor(width) });
  }
}

/** All but the data. */
function frameOf({ series, ...rest }: Chart): string {
  return JSON.stringify([rest, series.map(({ x: _, y: __, band, ...frame }) => [frame, band === undefined])]);
}

const heightFor = (width: number) => Math.min(largestHeight, Math.round(0.62 * width));

/** The columns of one series: its line, or the two ends of its band and then the line. */
function columnsOf({ band, y }: Series): (readonly (number | null)[])[] {
  return band === undefined ? [y] : [band.high, band.low, y];
}

/** Columns over one common list of x, as uPlot takes them. */
function alignedData(chart: Chart): uPlotLibrary.AlignedData {
  const { series } = chart;
  const positive = chart.y.scale === "log";
  return joined(
    series.map((one, place) => {
      // Bars of one category stand side by side.
      const shift = chart.kind === "bars" ? (place - (series.length - 1) / 2) / (series.length + 1) : 0;
      const columns = columnsOf(one).map((column) =>
        column.map((value) => (value !== null && (!positive || value > 0) ? value : null)),
      );
      return [xOf(one).map((x) => x + shift), ...columns];
    }),
  );
}

const xOf = ({ x, y }: Series) => x ?? y.map((_, i) => i);

/** @param tables Of each series: x, then its columns. */
function joined(tables: (readonly (number | null)[])[][]): uPlotLibrary.AlignedData {
  return uPlot.join(tables as unknown as uPlotLibrary.AlignedData[]);
}

function plotOptions(chart: Chart, width: number): uPlotLibrary.Options {
  const bars = chart.kind === "bars";
  const xLog = chart.kind === "lines" && chart.x.scale === "log";
  const yLog = chart.y.scale === "log";
  const lines = chart.series.flatMap((series, place) => seriesOptions(series, place, chart));
  return {
    width,
    height: heightFor(width),
    scales: {
      x: {
        time: false,
        distr: xLog ? 3 : 1,
        range: (_, min, max) =>
          bars ? [-0.6, Math.max(0, chart.x.categories.length - 1) + 0.6] : xRange(chart.x, min, max, xLog),
      },
      y: {
        distr: yLog ? 3 : 1,
        range: (_, min, max) => yRange(chart, min, max),
      },
    },
    axes: [
      { ...axisStyle(chart.x.label), size: 32, ...xTicks(chart), ...(bars ? { grid: { show: false } } : {}) },
      yLog
        ? { ...axisStyle(chart.y.label, decadesOfMany), size: widthOf, ...decadeTicks }
        : { ...axisStyle(chart.y.label), size: widthOf, ...plainTicks },
    ],
    series: [
      {
        label: chart.x.label,
        value: atPointer((x) => (bars ? (chart.x.categories[Math.round(x)] ?? "–") : written(x))),
      },
      ...lines,
    ],
    bands: bandsOf(chart),
    cursor: { y: false, points: { size: 6 } },
  };
}

/** Of the legend: a value where the pointer is, and nothing while there is none. */
const atPointer =
  (text: (value: number) => string) =>
  (_: unknown, value: number, __: number, place: number | null): string =>
    place === null ? "" : text(value);

type Ticks = Pick<uPlotLibrary.Axis, "values" | "splits" | "incrs" | "filter">;

const plainTicks: Ticks = { values: (_, splits) => splits.map((split) => written(split)) };

const decades: uPlotLibrary.Axis.Filter = (_, splits) =>
  splits.map((split) => (Number.isInteger(Math.round(1e9 * Math.log10(split)) / 1e9) ? split : null));

/** Beyond so many decades the lines in between would lie too close together. */
const mostDetailedDecades = 3;

const decadesOfMany = {
  filter: ((plot, splits, ...rest) => {
    const count = Math.log10((splits.at(-1) ?? 1) / (splits[0] || 1));
    return count > mostDetailedDecades ? decades(plot, splits, ...rest) : splits;
  }) satisfies uPlotLibrary.Axis.Filter,
};

/** Powers of ten alone; uPlot offers those in between, too. */
const decadeTicks: Ticks = {
  filter: decades,
  values: (_, splits) => splits.map((split) => (split === null ? "" : written(split))),
};

/** More values than this are not all written below a logarithmic axis. */
const mostOwnTicks = 10;

function xTicks(chart: Chart): Ticks {
  if (chart.kind === "bars") {
    const { categories } = chart.x;
    return { incrs: wholeSteps, values: (_, splits) => splits.map((i) => categories[i] ?? "") };
  }
  if (chart.x.scale !== "log") return plainTicks;
  // 1, 2, 4, 8 workers are told better by themselves than by powers of ten.
  const own = [...new Set(chart.series.flatMap(xOf))].sort((a, b) => a - b);
  return own.length > mostOwnTicks
    ? decadeTicks
    : { ...plainTicks, splits: () => own, filter: (_, splits) => splits };
}

const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

type Range = [number, number];

function xRange(
  { max: top, min: bottom }: { min?: number; max?: number },
  min: number,
  max: number,
  log: boolean,
): Range {
  const from = bottom ?? min;
  const to = top ?? max;
  if (from === to || from === null) return log ? [from / 2, from * 2] : [(from ?? 0) - 1, (to ?? 0) + 1];
  return [from, to];
}

function yRange(chart: Chart, min: number | null, max: number | null): Range {
  const { max: top, min: bottom, scale } = chart.y;
  if (scale === "log") {
    const [low, high] = min === null || max === null ? [0.1, 1] : uPlot.rangeLog(min, max, 10, false);
    return [bottom ?? low ?? 0.1, top ?? high ?? 1];
  }
  const [low, high] = min === null || max === null ? [0, 1] : linearRange(min, max);
  const floor = chart.kind === "bars" ? Math.min(0, low ?? 0) : low;
  return [bottom ?? floor ?? 0, top ?? high ?? 1];
}

/** Room for what is written beside an axis, so that its label does not stand in it. */
function widthOf(_: unknown, texts: readonly string[] | null): number {
  const longest = Math.max(0, ...(texts ?? []).map((text) => text?.length ?? 0));
  return Math.max(56, 18 + 7 * longest);
}

/** Around values that are all the same uPlot would leave as much room as from them to 0. */
function linearRange(min: number, max: number): readonly [number | null, number | null] {
  if (min !== max || min === 0) return uPlot.rangeNum(min, max, 0.1, true);
  const room = Math.abs(min) / 20;
  return [min - room, max + room];
}

/** @param lines Of the grid that are drawn; all where it is left out. */
function axisStyle(label: string, lines: { filter?: uPlotLibrary.Axis.Filter } = {}): uPlotLibrary.Axis {
  const faint = () => styleOf("--faint");
  const grid: uPlotLibrary.Axis.Grid = { stroke: () => styleOf("--line"), width: 1, ...lines };
  const font = "12px system-ui, sans-serif";
  return { label, labelSize: 20, font, labelFont: font, stroke: faint, grid, ticks: { ...grid, size: 4 } };
}

function seriesOptions(series: Series, place: number, chart: Chart): uPlotLibrary.Series[] {
  const stroke = () => colorOf(series, place);
  const value = atPointer(written);
  const line: uPlotLibrary.Series = { label: series.name, value, stroke, width: 1.75, spanGaps: true };
  if (chart.kind === "bars") {
    const size = 0.85 / (chart.series.length === 1 ? 1 : chart.series.length + 1);
    line.paths = (uPlot.paths.bars as NonNullable<typeof uPlot.paths.bars>)({ size: [size, 80] });
    Object.assign(line, { fill: stroke, width: 0, points: { show: false } });
  } else if (series.style === "points") {
    Object.assign(line, { paths: () => null, points: { show: true, size: 6, fill: stroke } });
  } else {
    // Few points of a line are shown, so that what was measured can be told from what lies between.
    Object.assign(line, { points: { show: series.style !== "dashed" && series.y.length <= 30, size: 5 } });
    if (series.style === "dashed") Object.assign(line, { dash: [6, 4] });
  }
  if (series.band === undefined) return [line];
  const end: uPlotLibrary.Series = {
    stroke: "transparent",
    width: 0,
    points: { show: false },
    value,
    class: "band-end",
  };
  return [{ ...end, label: `${series.name}, most` }, { ...end, label: `${series.name}, least` }, line];
}

/** The pairs of columns between which the colour of a series is laid. */
function bandsOf(chart: Chart): uPlotLibrary.Band[] {
  const bands: uPlotLibrary.Band[] = [];
  let column = 1;
  for (const [place, series] of chart.series.entries()) {
    if (series.band !== undefined) {
      // Two more digits to #rrggbb: about a fifth opaque.
      const fill = () => `${colorOf(series, place)}33`;
      bands.push({ series: [column, column + 1], fill } as unknown as uPlotLibrary.Band);
    }
    column += columnsOf(series).length;
  }
  return bands;
}

function numbersTable(chart: Chart): HTMLElement {
  const [xs, ...columns] = joined(chart.series.map((series) => [xOf(series), series.y]));
  const table = document.createElement("table");
  const addRow = (cells: readonly string[]) => {
    const row = table.insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  };
  addRow([chart.x.label, ...chart.series.map(({ name }) => name)]);
  for (const [i, x] of Array.from(xs).entries()) {
    const place = chart.kind === "bars" ? (chart.x.categories[x] ?? "") : written(x);
    addRow([place, ...columns.map((column) => written(column[i]))]);
  }
  const wide = document.createElement("div");
  wide.className = "wide";
  wide.append(table);
  return wide;
}

const redrawAll = () => {
  for (const element of document.querySelectorAll<ChartElement>("yf-chart")) element.redraw();
};
const print = (printing: boolean) => () => {
  document.documentElement.classList.toggle("printing", printing);
  redrawAll();
};

customElements.define("yf-chart", ChartElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
addEventListener("beforeprint", print(true));
addEventListener("afterprint", print(false));
