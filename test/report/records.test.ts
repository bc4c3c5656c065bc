import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { metricsCsv } from "../../src/report/metrics-csv.ts";
import { readMetrics, snapshotFields } from "../../src/report/metrics-file.ts";
import { MetricsLog } from "../../src/report/metrics-log.ts";
import { summaryJson } from "../../src/report/summary.ts";
import { readSummary } from "../../src/report/summary-file.ts";
import { snapshot, summary } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-records-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "file");
function holding(text: string): string {
  writeFileSync(file, text);
  return file;
}

const badRun = (rule: string) =>
  expect.objectContaining({ code: "BAD_RUN", exitCode: 2, message: expect.stringContaining(rule) });

describe("readMetrics()", () => {
  const event = { event: "evaluation", seconds: 1, updates: 2, text: "epoch 1" } as const;

  it("gives back what a log wrote, events apart, null for what was not finite", () => {
    const log = new MetricsLog(file);
    log.append(snapshot);
    log.append(event);
    log.append({ ...snapshot, momentumTotal: Number.NaN, workerStaleness: [Number.NaN, 1] });
    log.close();
    expect(readMetrics(file)).toEqual({
      snapshots: [snapshot, { ...snapshot, momentumTotal: null, workerStaleness: [null, 1] }],
      events: [event],
    });
  });

  it("knows every field of a snapshot", () => {
    expect([...snapshotFields].sort()).toEqual(Object.keys(snapshot).sort());
  });

  it("leaves out a last line that was cut off", () => {
    const { snapshots } = readMetrics(holding(`${JSON.stringify(snapshot)}\n{"seconds":3,"upd`));
    expect(snapshots).toEqual([snapshot]);
  });

  it("takes nothing over that it does not know or that is no number", () => {
    const { snapshots } = readMetrics(
      holding('{"__proto__":{"seconds":9},"updates":"7","extra":1,"workerUpdates":[1,"2"]}\n'),
    );
    expect(snapshots[0]).toMatchObject({ seconds: null, updates: null, workerUpdates: [1, null] });
    expect(Object.keys(snapshots[0])).toEqual(snapshotFields);
  });

  it("refuses a file with a line that is no record, and one that is not there", () => {
    expect(() => readMetrics(holding('{"seconds":1}\n[]\n'))).toThrow(
      badRun("line 2 must be a record of a run"),
    );
    expect(() => readMetrics(join(folder, "none"))).toThrow(badRun("must be the metrics of a run"));
  });
});

describe("metricsCsv()", () => {
  it("has a row for each snapshot and a column for each number, empty where nothing was measured", () => {
    const { snapshots } = readMetrics(
      holding(
        `${JSON.stringify(snapshot)}\n${JSON.stringify({ ...snapshot, testLoss: null, workerUpdates: [1] })}\n`,
      ),
    );
    const [heading, first, second, end] = metricsCsv(snapshots)
      .split("\r\n")
      .map((line) => line.split(","));
    expect(end).toEqual([""]);
    const rows = [first, second].map((cells) =>
      Object.fromEntries(heading.map((name, i) => [name, cells[i]])),
    );
    expect(rows[0]).toMatchObject({ seconds: "2.5", momentumTotal: "0.4", "workerUpdates.1": "634" });
    expect(rows[1]).toMatchObject({ testLoss: "", "workerUpdates.0": "1", "workerUpdates.1": "" });
    expect(first).toHaveLength(heading.length);
  });

  it("is a heading alone for a run without records", () => {
    expect(metricsCsv([]).split("\r\n")).toHaveLength(2);
  });
});

describe("readSummary()", () => {
  it("gives back what a run wrote", () => {
    expect(readSummary(holding(summaryJson(summary)))).toEqual(summary);
  });

  it("refuses a summary with a field that no run writes so", () => {
    expect(() => readSummary(holding("[1"))).toThrow(badRun("must be the summary of a run"));
    expect(() => readSummary(holding("null"))).toThrow(badRun("must hold an object"));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(summary)), (key) => {
        const damaged = JSON.stringify({ ...summary, [key]: [{}] });
        expect(() => readSummary(holding(damaged))).toThrow(badRun(`its ${key} must be as a run writes it`));
      }),
    );
  });
});
