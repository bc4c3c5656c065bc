import { describe, expect, it } from "vitest";
import { chartsAsSvg } from "../../bench/harness/charts-as-svg.ts";
import type { Chart } from "../../src/pages/chart.ts";

const lines: Chart = {
  kind: "lines",
  title: "a < b",
  x: { label: "updates" },
  y: { label: "loss", scale: "log" },
  series: [
    { name: "own", x: [0, 10, 20], y: [1, 0.1, null], band: { low: [1, 0.01, null], high: [1, 0.1, null] } },
    { name: "theirs", x: [0, 10, 20], y: [1, 0.1, 0.01], style: "dashed" },
  ],
};

/** The data of paths that have this colour, as a line or as an area. */
const paths = (svg: string, color: number) =>
  [...svg.matchAll(new RegExp(`<path d="([^"]+)"[^>]*var\\(--series-${color}\\)`, "g"))].map(([, d]) => d);

describe("chartsAsSvg()", () => {
  it("draws a line through its points, and a band around it, on a logarithmic axis", () => {
    const svg = chartsAsSvg([lines], 1);
    // 300 wide with 46 and 18 beside the axes, 230 high with 30 and 40: x from 46 to 282, y from 190 (0.01) to 30 (1)
    expect(paths(svg, 0).slice(0, 2)).toEqual(["M46 30L164 190L164 110L46 30Z", "M46 30L164 110"]);
    expect(paths(svg, 1)[0]).toBe("M46 30L164 110L282 190");
    expect(svg).toContain('stroke-dasharray="6 4"');
    for (const tick of ["0.01", "0.1", "1"]) expect(svg).toContain(`text-anchor="end">${tick}</text>`);
  });

  it("draws bars of a category side by side, from zero", () => {
    const bars: Chart = {
      kind: "bars",
      title: "bars",
      x: { label: "", categories: ["few", "many"] },
      y: { label: "updates" },
      series: [
        { name: "one", y: [50, 100] },
        { name: "two", y: [null, 25] },
      ],
    };
    const svg = chartsAsSvg([bars], 1);
    // a category is 118 wide and a bar .425 of that
    expect(paths(svg, 0)[0]).toBe("M54.9 190V110H104.4V190ZM172.9 190V30H222.4V190Z");
    expect(paths(svg, 1)[0]).toBe("M223 190V150H272.6V190Z");
    expect(svg).toContain(">many</text>");
  });

  it("puts charts in rows with one legend and one range, and escapes names", () => {
    const low: Chart = { ...lines, title: "low", series: [{ name: "own", x: [0, 20], y: [1e-4, 1e-4] }] };
    const svg = chartsAsSvg([lines, low, lines], 2);
    expect(svg.match(/<g transform="translate\(\d+ \d+\)/g)).toEqual([
      '<g transform="translate(0 0)',
      '<g transform="translate(310 0)',
      '<g transform="translate(0 240)',
    ]);
    expect(svg.match(/>theirs</g)).toHaveLength(1);
    // The range of all: 1e-4 lies at the bottom.
    expect(svg).toContain("M46 190L282 190");
    expect(svg).toContain("a &lt; b");
    expect(svg).not.toContain("a < b");
  });

  it("has the colours of our pages, in light and in dark, and nothing that would have to be fetched", () => {
    const svg = chartsAsSvg([lines], 1);
    expect(svg).toMatch(/--series-0: #0072b2;[\s\S]*prefers-color-scheme: dark[\s\S]*--series-0: #56a8e0/);
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|<script|@import/);
  });
});
