import { describe, expect, it } from "vitest";
import type { RecordedSnapshot } from "../../src/report/metrics-file.ts";
import { comparisonCharts, runCharts } from "../../src/report/run-charts.ts";
import { runPage } from "../../src/report/run-page.ts";
import { snapshot, summary } from "./samples.ts";

const at = (seconds: number, changes: Partial<RecordedSnapshot> = {}): RecordedSnapshot => ({
  ...snapshot,
  seconds,
  ...changes,
});

describe("runCharts()", () => {
  it("has the three momenta beside the one that theory predicts", () => {
    const { momentum } = runCharts({ name: "a", snapshots: [at(1), at(2)] });
    expect(momentum.series.map(({ name, y }) => [name, y.at(-1)])).toEqual([
      ["applied by workers", -0.12],
      ["measured in total", 0.4],
      ["aimed at", 0.45],
      ["asynchrony alone, 1 − 1/M", 0.875],
    ]);
  });

  it("leaves out what was never measured", () => {
    const nothing = { testLoss: null, testAccuracy: null, momentumTotal: null };
    const charts = runCharts({ name: "a", snapshots: [at(1, nothing), at(2, nothing)] });
    expect(charts).not.toHaveProperty("accuracy");
    expect(charts.loss.series.map(({ name }) => name)).toEqual(["training"]);
    expect(charts.momentum.series).toHaveLength(3);
    expect(runCharts({ name: "a", snapshots: [] })).toEqual({});
  });

  it("has the faults of each thread where there were any", () => {
    expect(runCharts({ name: "a", snapshots: [at(1)] })).not.toHaveProperty("faults");
    const { faults } = runCharts({ name: "a", snapshots: [at(1), at(2, { workerFaults: [0, 3] })] });
    expect(faults).toMatchObject({ x: { categories: ["0", "1"] }, series: [{ y: [0, 3] }] });
  });

  it("counts staleness in shares of all updates", () => {
    // 10, 20 and 4 of 34.
    const [{ y }] = runCharts({ name: "a", snapshots: [at(1)] }).staleness.series;
    expect(y.map((share) => share?.toFixed(1))).toEqual(["29.4", "58.8", "11.8"]);
  });

  it("puts what is staler than nearly all updates into one bar", () => {
    const counts = Array.from({ length: 300 }, (_, staleness) =>
      staleness < 2 ? 500 : staleness > 297 ? 1 : 0,
    );
    const { staleness } = runCharts({ name: "a", snapshots: [at(1, { stalenessCounts: counts })] });
    expect(staleness).toMatchObject({ x: { categories: ["0", "1", "≥ 2"] } });
    expect(staleness.series[0].y.map((share) => share?.toFixed(1))).toEqual(["49.9", "49.9", "0.2"]);
  });

  it("measures no speed between moments that lie close together, as those of evaluations may", () => {
    const course = [at(1, { workerUpdates: [10] }), at(1.001, { workerUpdates: [10] })];
    const { timeline } = runCharts({
      name: "a",
      snapshots: [...course, at(2, { workerUpdates: [30] }), at(2.3, { workerUpdates: [30] })],
    });
    expect(timeline.series).toMatchObject([{ x: [2], y: [20] }]);
  });

  it("follows each worker's speed, and of more than eight the slowest, median and fastest", () => {
    const course = (...updates: number[][]) =>
      runCharts({ name: "a", snapshots: updates.map((workerUpdates, i) => at(2 * i, { workerUpdates })) })
        .timeline;
    expect(course([0, 0], [10, 20], [40, 20]).series.map(({ y }) => y)).toEqual([
      [5, 15],
      [10, 0],
    ]);
    const nine = Array.from({ length: 9 }, (_, rank) => rank);
    const [band] = course(
      nine.map(() => 0),
      nine.map((rank) => 2 * rank),
    ).series;
    expect(band).toMatchObject({ y: [4], band: { low: [0], high: [8] } });
  });

  it("thins long runs without losing their end or an evaluation", () => {
    const snapshots = Array.from({ length: 10_000 }, (_, i) => at(i, { testLoss: i < 1234 ? null : 0.5 }));
    const [training] = runCharts({ name: "a", snapshots }).loss.series;
    expect(training.x?.length).toBeLessThan(1000);
    expect(training.x?.at(-1)).toBe(9999);
    expect(training.x).toContain(1234);
  });
});

describe("comparisonCharts()", () => {
  it("has a series for each run that has the numbers, in the run's own colour", () => {
    const runs = [
      { name: "a", snapshots: [at(1, { testLoss: null, testAccuracy: null })] },
      { name: "b", snapshots: [at(1), at(2)] },
    ];
    const { accuracy, loss } = comparisonCharts(runs);
    expect(loss.series.map(({ color, name }) => [name, color])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    // The second snapshot repeats the evaluation of the first.
    expect(accuracy.series).toEqual([{ name: "b", x: [1, 2], y: [98.765, null], color: 1 }]);
  });
});

describe("runPage()", () => {
  const events = [{ event: "fault", seconds: 75, updates: 1200, text: "<b>worker 1</b> died" } as const];
  const run = { name: "night", snapshots: [at(1), at(2)], events, summary };

  it("shows facts, advice, plots and events of a run", () => {
    const page = runPage([{ ...run, summary: { ...summary, advice: ["Use <fewer> workers."] } }]);
    for (const text of [
      "night: lenet on mnist",
      "Use &lt;fewer&gt; workers.",
      "98.77%",
      "&lt;b&gt;worker 1&lt;/b&gt; died",
      "1:15",
      '<yf-chart id="momentum">',
      '<yf-chart id="phases">',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).not.toContain("<b>worker");
  });

  it("says so where a run has no summary or no records", () => {
    const page = runPage([{ name: "cut", snapshots: [], events: [], summary: null }]);
    expect(page).toContain("This run has no summary");
    expect(page).toContain("Nothing was recorded.");
  });

  it("lists runs to compare in a table, one row each", () => {
    const page = runPage([run, { ...run, name: "cut off", summary: null }]);
    expect(page).toContain("2 runs compared");
    expect(page.match(/<th scope="row"/g)).toHaveLength(2);
  });

  it("keeps first and last of very many events", () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ ...events[0], text: `event ${i}.` }));
    const page = runPage([{ ...run, events: many }]);
    expect(page).toContain("The first and the last 499 of 2000");
    expect(page).toContain("event 0.");
    expect(page).not.toContain("event 1500.");
    expect(page).toContain("event 1501.");
  });
});
