/** What a browser makes of a page. Skipped where there is no Chromium. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { charts, prose, table } from "../../src/pages/blocks.ts";
import type { Chart } from "../../src/pages/chart.ts";
import { htmlPage } from "../../src/pages/page.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

const lines: Chart = {
  kind: "lines",
  title: "Loss",
  x: { label: "seconds" },
  y: { label: "loss", scale: "log" },
  series: [
    {
      name: "training",
      x: [0, 1, 2, 3],
      y: [1, 0.1, null, 0.01],
      band: { low: [1, 0, 0, 0], high: [2, 2, 2, 2] },
    },
    { name: "test", x: [1.5, 3], y: [0.5, 0.2], style: "dashed" },
  ],
};
const bars: Chart = {
  kind: "bars",
  title: "Staleness",
  x: { label: "staleness", categories: ["0", "1"] },
  y: { label: "updates" },
  series: [
    { name: "a", y: [3, 4] },
    { name: "b", y: [5, 0] },
  ],
};

const attack = `</script><script>document.title = "broken in"</script><img src=x onerror="document.title = 'broken in'">`;

describe.skipIf(!hasChromium)("a page in Chromium (needs Chromium)", () => {
  const folder = mkdtempSync(join(tmpdir(), "yf-async-pages-"));
  const file = join(folder, "page.html");
  let browser: Browser;
  const complaints: string[] = [];
  const requests: string[] = [];

  const open = async (width: number, colorScheme: "light" | "dark"): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.locator("yf-chart canvas").last().waitFor();
    return page;
  };

  /** How many pixels of each chart are not of its ground, and the colour of the page's ground. */
  const look = (page: Page) =>
    page.evaluate<{ drawn: number[]; ground: string }>(`({
      drawn: [...document.querySelectorAll("canvas")].map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((_, i) => i % 4 === 3 && data[i] > 0).length;
      }),
      ground: getComputedStyle(document.body).backgroundColor,
    })`);

  beforeAll(async () => {
    const columns = ["run", ...Array.from({ length: 12 }, (_, i) => `figure ${i}`)];
    const body = [
      prose(attack),
      charts(lines, bars, { ...bars, title: attack }),
      table({ columns, rows: [columns] }),
    ];
    writeFileSync(file, htmlPage({ title: "page", body }));
    browser = await launchChromium();
  }, 30_000);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it("draws every chart, asks for no other file, and runs nothing that came as text", async () => {
    const page = await open(1200, "light");
    const { drawn } = await look(page);
    expect(drawn).toHaveLength(3);
    for (const pixels of drawn) expect(pixels).toBeGreaterThan(2000);
    expect(await page.title()).toBe("page");
    expect(await page.locator("yf-chart figcaption").allTextContents()).toEqual([
      "Loss",
      "Staleness",
      attack,
    ]);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(file).href]);
    await page.close();
  });

  it("fits the width of a phone: only tables may be scrolled sideways", async () => {
    const page = await open(360, "light");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await page.locator(".wide").evaluate((wide) => wide.scrollWidth > wide.clientWidth)).toBe(true);
    await page.close();
  });

  it("follows the colours of the system, and prints in light", async () => {
    const page = await open(800, "dark");
    const dark = await look(page);
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    const print = await look(page);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(dark.ground).toBe("rgb(20, 23, 27)");
    expect(print.ground).toBe("rgb(255, 255, 255)");
    expect((await look(page)).ground).toBe(dark.ground);
    await page.emulateMedia({ colorScheme: "light" });
    expect((await look(page)).ground).toBe("rgb(255, 255, 255)");
    await page.close();
  });

  it("gives the numbers of a chart as a table, and takes new ones", async () => {
    const page = await open(800, "light");
    const first = page.locator("yf-chart").first();
    await first.locator("summary").click();
    // The union of both series' x: 0, 1, 1.5, 2, 3.
    expect(await first.locator("details tr").allInnerTexts()).toEqual([
      "seconds\ttraining\ttest",
      "0\t1\t–",
      "1\t0.1\t–",
      "1.5\t–\t0.5",
      "2\t–\t–",
      "3\t0.01\t0.2",
    ]);
    const before = await look(page);
    await first.evaluate((element, chart) => Object.assign(element, { chart }), {
      ...lines,
      series: lines.series.map((series) => ({ ...series, y: series.y.map(() => null) })),
    });
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
    expect((await look(page)).drawn[0]).toBeLessThan(before.drawn[0]);
    await page.close();
  });
});
