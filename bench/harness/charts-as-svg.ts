/**
 * Charts as a picture in SVG, for pages that run no script: side by side, with one legend and one range of y for all.
 *
 * Colours are those of our pages, and follow light and dark there as well. Ticks and scales are d3's.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { scaleLinear, scaleLog } from "d3-scale";
import type { Chart, Series } from "../../src/pages/chart.ts";
import { type Html, html } from "../../src/pages/html.ts";

/** A part of the picture with axes of its own, in pixels. */
const panel = { width: 300, height: 230, left: 46, right: 18, top: 30, bottom: 40 };
const gap = 10;
const margin = 8;
const legendLine = 20;
/** Of a letter in the legend, generously. */
const letterWidth = 6.6;

type Scale = ((value: number) => number) & { ticks(count?: number): number[] };

/** @param charts Of one kind, whose axes and series have the same names. @param columns Charts in a row. @returns The file. */
export function chartsAsSvg(charts: readonly Chart[], columns: number): string {
  const across = Math.min(columns, charts.length);
  const width = across * panel.width + (across - 1) * gap;
  const rows = Math.ceil(charts.length / across);
  const plots = rows * panel.height + (rows - 1) * gap;
  const { height, items } = legend(charts[0].series, width, plots + 16);
  const panels = charts.map((chart, i) => {
    const x = (i % across) * (panel.width + gap);
    const y = Math.floor(i / across) * (panel.height + gap);
    return html`<g transform="translate(${x} ${y})">${drawn(chart, charts)}</g>\n`;
  });
  const box = `${-margin} ${-margin} ${width + 2 * margin} ${plots + height + margin}`;
  const picture = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${width + 2 * margin}" font-family="system-ui, sans-serif" font-size="11">
<title>${charts.map(({ title }) => title).join("; ")}</title>
<style>${palette()}
svg { background: var(--ground) } text { fill: var(--faint) } .title { fill: var(--text); font-size: 13px; font-weight: 600 } .grid { stroke: var(--line) }</style>
${panels}${items}</svg>
`;
  return picture.text;
}

/** The colours of our pages, light and dark. */
function palette(): string {
  const style = readFileSync(createRequire(import.meta.url).resolve("#page-style"), "utf8");
  return style.slice(style.indexOf(":root"), style.indexOf("* {")).replaceAll(":not(.printing)", "").trim();
}

const colorOf = ({ color }: Series, place: number) => `var(--series-${(color ?? place) % 8})`;

function drawn(chart: Chart, all: readonly Chart[]): Html[] {
  const right = panel.width - panel.right;
  const bottom = panel.height - panel.bottom;
  const { x, y } = scalesOf(chart, all);
  const xTicks =
    chart.kind === "bars" ? chart.x.categories.map((_, i) => i) : (ownTicks(chart) ?? x.ticks(4));
  const yTicks = chart.y.scale === "log" ? decades(y.ticks()) : y.ticks(5);
  const label = (i: number) => (chart.kind === "bars" ? chart.x.categories[i] : written(i));
  return [
    html`<text class="title" x="${panel.left}" y="16">${chart.title}</text>\n`,
    ...yTicks.map(
      (tick) =>
        html`<path class="grid" d="M${panel.left} ${place(y(tick))}H${right}"/><text x="${panel.left - 5}" y="${place(y(tick) + 4)}" text-anchor="end">${written(tick)}</text>\n`,
    ),
    ...xTicks.map(
      (tick) =>
        html`<text x="${place(x(tick))}" y="${bottom + 15}" text-anchor="middle">${label(tick)}</text>\n`,
    ),
    html`<text x="${place((panel.left + right) / 2)}" y="${bottom + 32}" text-anchor="middle">${chart.x.label}</text>\n`,
    html`<text transform="translate(10 ${place((panel.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${chart.y.label}</text>\n`,
    ...chart.series.flatMap((series, i) =>
      chart.kind === "bars" ? [bars(series, i, chart.series.length, x, y)] : line(series, i, x, y),
    ),
  ];
}

/** Pixels of values; bars of categories stand at whole numbers. */
function scalesOf(chart: Chart, all: readonly Chart[]): { x: Scale; y: Scale } {
  const xs = chart.kind === "bars" ? [-0.5, chart.x.categories.length - 0.5] : chart.series.flatMap(xOf);
  const ys = all
    .flatMap(({ series }) => series)
    .flatMap(({ band, y }) => [...y, ...(band?.low ?? []), ...(band?.high ?? [])]);
  const xAxis = chart.kind === "bars" ? {} : chart.x;
  const atLeast = chart.kind === "bars" ? [0] : [];
  return {
    x: scaleOf(xAxis, xs, [panel.left, panel.width - panel.right]),
    y: scaleOf(
      chart.y,
      [...ys, ...(chart.y.scale === "log" ? [] : atLeast)],
      [panel.height - panel.bottom, panel.top],
    ),
  };
}

function scaleOf(
  { max, min, scale }: { min?: number; max?: number; scale?: "linear" | "log" },
  values: readonly (number | null)[],
  range: [number, number],
): Scale {
  const shown = values.filter((value) => value !== null && (scale !== "log" || value > 0)) as number[];
  const ends: [number, number] = [min ?? Math.min(...shown), max ?? Math.max(...shown)];
  return (
    scale === "log" ? scaleLog(ends, range).clamp(true) : scaleLinear(ends, range).clamp(true)
  ) as Scale;
}

/** 1, 2, 4, 8 workers are told better by themselves than by powers of ten. */
function ownTicks(chart: Chart): number[] | null {
  const own = [...new Set(chart.series.flatMap(xOf))].sort((a, b) => a - b);
  return chart.kind === "lines" && chart.x.scale === "log" && own.length <= 8 ? own : null;
}

const decades = (ticks: readonly number[]) => {
  const own = ticks.filter((tick) => Number.isInteger(Math.round(1e9 * Math.log10(tick)) / 1e9));
  return own.length > 1 ? own : [...ticks];
};

const xOf = ({ x, y }: Series): readonly number[] => x ?? y.map((_, i) => i);

function line(series: Series, i: number, x: Scale, y: Scale): Html[] {
  const color = colorOf(series, i);
  const points = (values: readonly (number | null)[]) =>
    xOf(series).flatMap((at, k) => {
      const value = values[k];
      return value === null || value === undefined ? [] : [`${place(x(at))} ${place(y(value))}`];
    });
  const { band } = series;
  const area =
    band === undefined
      ? []
      : [
          html`<path d="M${[...points(band.low), ...points(band.high).reverse()].join("L")}Z" fill="${color}" opacity=".18"/>\n`,
        ];
  const dash = series.style === "dashed" ? "6 4" : "none";
  return [
    ...area,
    html`<path d="M${points(series.y).join("L")}" fill="none" stroke="${color}" stroke-width="1.75" stroke-linejoin="round" stroke-dasharray="${dash}"/>\n`,
  ];
}

function bars(series: Series, i: number, count: number, x: Scale, y: Scale): Html {
  const width = 0.85 / count;
  const floor = panel.height - panel.bottom;
  const paths = xOf(series).flatMap((at, k) => {
    const value = series.y[k];
    if (value === null) return [];
    const left = x(at + (i - count / 2) * width);
    const right = x(at + (i + 1 - count / 2) * width);
    return [`M${place(left)} ${place(floor)}V${place(y(value))}H${place(right - 0.6)}V${place(floor)}Z`];
  });
  return html`<path d="${paths.join("")}" fill="${colorOf(series, i)}"/>\n`;
}

/** A mark and a name for each series, in as many lines as it takes. */
function legend(series: readonly Series[], width: number, top: number): { items: Html[]; height: number } {
  let x = 0;
  let y = top;
  const items = series.map((one, i) => {
    const length = 24 + letterWidth * one.name.length + 14;
    if (x > 0 && x + length > width) {
      x = 0;
      y += legendLine;
    }
    const dash = one.style === "dashed" ? "6 4" : "none";
    const item = html`<path d="M${x} ${y - 4}h18" stroke="${colorOf(one, i)}" stroke-width="3" stroke-dasharray="${dash}"/><text x="${x + 24}" y="${y}">${one.name}</text>\n`;
    x += length;
    return item;
  });
  return { items, height: y - top + 26 };
}

/** A place in the picture, to a tenth of a pixel. */
const place = (pixels: number): string => String(Math.round(10 * pixels) / 10);

/** A number beside an axis. */
const written = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toLocaleString("en-US") : String(Number(value.toPrecision(3)));
