import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { cutRecordsAfter } from "../../src/report/cut-records.ts";
import { metricsCsv } from "../../src/report/metrics-csv.ts";
import { readMetrics, readSnapshots, snapshotFields } from "../../src/report/metrics-file.ts";
import { MetricsLog } from "../../src/report/metrics-log.ts";
import { runEvent } from "../../src/report/run-event.ts";
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
  const event = runEvent(
    { event: "evaluation", epoch: 1, loss: 0.25, accuracy: null, metrics: {} },
    { seconds: 1, updates: 2 },
  );

  it("gives back what a log wrote, events apart, null for what was not finite", () => {
    const log = new MetricsLog(file);
    log.append(snapshot);
    log.append(event);
    log.append({ ...snapshot, momentumTotal: Number.NaN, workerStaleness: [Number.NaN, 1] });
    log.close();
    expect(readMetrics(file)).toEqual({
      snapshots: [snapshot, { ...snapshot, momentumTotal: null, workerStaleness: [null, 1] }],
      events: [{ event: "evaluation", seconds: 1, updates: 2, text: "epoch 1.00: test loss 0.25" }],
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

describe("readMetrics() of a long run", () => {
  /** Lines longer than what is read at once, and none that ends with it. */
  const wide = { ...snapshot, stalenessCounts: new Array<number>(300_001).fill(7) };

  it("keeps evenly some of its snapshots, every change of the test loss, the last one, and every rare event", () => {
    const evaluations = [0, 7000, 15_000];
    const lines = Array.from({ length: 20_000 }, (_, i) => {
      const testLoss = evaluations.filter((at) => at <= i).length;
      return JSON.stringify({ ...snapshot, updates: i, seconds: i, testLoss });
    });
    const fault = { event: "fault", seconds: 1, updates: 1, text: "worker 3 failed" } as const;
    const { events, snapshots } = readMetrics(holding(`${[...lines, JSON.stringify(fault)].join("\n")}\n`));
    expect(events).toEqual([fault]);
    const updates = snapshots.map((one) => Number(one.updates));
    expect(updates.length).toBeLessThan(4010);
    for (const at of [...evaluations, 19_999]) expect(updates).toContain(at);
    const gaps = updates.slice(1).map((update, i) => update - updates[i]);
    // 20,000 is 4000 halved three times: from 2000 kept in 4000, every second, fourth, eighth one is taken.
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([1, 8]);
  });

  it("reads lines of any length", () => {
    const lines = [snapshot, wide, snapshot, wide].map((record) => JSON.stringify(record));
    const file = holding(`${lines.join("\n")}\n`);
    expect([...readSnapshots(file)].map((one) => one.stalenessCounts.length)).toEqual(
      [snapshot, wide, snapshot, wide].map((one) => one.stalenessCounts.length),
    );
    // Only the last two tell of later updates, and the file ends within a line.
    const later = [snapshot, wide].map((record) =>
      JSON.stringify({ ...record, updates: snapshot.updates + 1 }),
    );
    writeFileSync(file, `${[...lines, ...later].join("\n")}\n{"seconds`);
    cutRecordsAfter(file, snapshot.updates);
    expect(readFileSync(file, "utf8")).toBe(`${lines.join("\n")}\n`);
  });

  it.each([
    ["nothing of a run that resumes from its beginning", 0, 0],
    ["what was told until then, whatever is damaged behind it", 3, 3],
    ["all if nothing is later", 9, 5],
  ])("keeps %s", (_, after, kept) => {
    const lines = [1, 2, 3, 4, 5].map((updates) =>
      JSON.stringify({ event: "fault", seconds: 1, updates, text: "" }),
    );
    const file = holding(`${[...lines, "\0\0\0"].join("\n")}\n`);
    cutRecordsAfter(file, after);
    expect(readFileSync(file, "utf8")).toBe(
      lines
        .slice(0, kept)
        .map((line) => `${line}\n`)
        .join(""),
    );
  });
});

describe("metricsCsv()", () => {
  it("has a row for each snapshot and a column for each number, empty where nothing was measured", () => {
    const lines = holding(
      `${JSON.stringify({ ...snapshot, testLoss: null, workerUpdates: [1] })}\n${JSON.stringify(snapshot)}\n`,
    );
    const [heading, second, first, end] = [...metricsCsv(() => readSnapshots(lines))]
      .join("")
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
    expect([...metricsCsv(() => [])].join("").split("\r\n")).toHaveLength(2);
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
