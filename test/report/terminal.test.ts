import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import {
  clock,
  joinFields,
  paceFields,
  percent,
  significant,
  stateFields,
} from "../../src/report/live-fields.ts";
import { PlainProgress } from "../../src/report/plain-progress.ts";
import { createProgressView, type OutputStream } from "../../src/report/terminal.ts";
import { workerTable } from "../../src/report/worker-table.ts";
import { snapshot, summary } from "./samples.ts";

/** A stream that keeps what is written to it, as a terminal of so many columns or as a file. */
function screen(columns: number | null, colors = false) {
  const stream = new PassThrough();
  if (columns !== null) Object.assign(stream, { isTTY: true, columns, hasColors: () => colors });
  return { stream: stream as OutputStream, text: () => String(stream.read() ?? "") };
}

const info = { title: "lenet on mnist, 8 workers", maxSeconds: null };

function play(columns: number | null, options: { quiet?: boolean; json?: boolean; colors?: boolean } = {}) {
  const progress = screen(columns, options.colors);
  const results = screen(null);
  const view = createProgressView({
    quiet: options.quiet ?? false,
    json: options.json ?? false,
    progress: progress.stream,
    results: results.stream,
  });
  view.start(info);
  view.update({ ...snapshot, seconds: 0.5, updates: 1 });
  view.update(snapshot);
  view.event("Epoch 1: test accuracy 98.77%");
  view.update({ ...snapshot, seconds: 3, updates: 2000 });
  view.finish(summary);
  view.close();
  return { progress: progress.text(), results: results.text() };
}

describe("createProgressView()", () => {
  it("writes lines ever more rarely the longer a run is", () => {
    const lines: number[] = [];
    let now = 0;
    const progress = new PlainProgress(() => lines.push(now));
    progress.start({ title: "a run", maxSeconds: null });
    for (; now < 86_400; now++) progress.update({ ...snapshot, seconds: now });
    // Every 2 s until 5 % of the time is more: 20 lines in 40 s, then ln(86,400 / 40) / ln 1.05 = 157 in a day, as it reports
    // at whole seconds a little fewer.
    expect(lines.filter((seconds) => seconds <= 40)).toHaveLength(21);
    expect(lines.length).toBeGreaterThan(150);
    expect(lines.length).toBeLessThan(180);
  });

  it("writes plain lines, at most one in two seconds of training, where there is no terminal", () => {
    expect(play(null).progress.split("\n")).toEqual([
      "lenet on mnist, 8 workers",
      // (2.5 s / 1234)·(4690 − 1234) = 7.002 s are left.
      "2.5 s  26%  epoch 1.32  494 updates/s  0:08 left  lr 0.00321  loss 0.123  acc 98.77%  staleness 6.9 p90 8  momentum -0.12→0.40 of 0.45",
      "Epoch 1: test accuracy 98.77%",
      "",
    ]);
  });

  it("prints results on the other stream: text, or one line of JSON", () => {
    expect(play(null).results).toMatch(/^Test accuracy {2}98\.77%\n/);
    const { results } = play(null, { json: true });
    expect(results.split("\n")).toHaveLength(2);
    expect(JSON.parse(results)).toEqual(summary);
  });

  it("shows no progress when quiet, and the result all the same", () => {
    expect(play(null, { quiet: true }).progress).toBe("");
    expect(play(80, { quiet: true }).progress).toBe("");
    expect(play(80, { quiet: true }).results).toContain("Test accuracy");
  });

  it("shows what must be known when quiet, too, and as other news when not", () => {
    for (const quiet of [true, false]) {
      const progress = screen(null);
      const view = createProgressView({ quiet, json: false, progress: progress.stream });
      view.start(info);
      view.event("Epoch 1: test accuracy 98.77%");
      view.warn("Cannot write metrics.jsonl; training continues");
      view.close();
      const news = quiet ? [] : [info.title, "Epoch 1: test accuracy 98.77%"];
      expect(progress.text().split("\n")).toEqual([
        ...news,
        "Cannot write metrics.jsonl; training continues",
        "",
      ]);
    }
  });

  it("draws a bar and the state of training in 80 columns of a terminal, news above them", () => {
    const text = stripVTControlCharacters(play(80).progress);
    // 2000/4690 = 42.6 %: four of ten; (3 s / 2000)·2690 = 4.04 s are left.
    expect(text).toContain("████░░░░░░ 42%  epoch 1.32  494 updates/s  0:05 left  lr 0.00321");
    expect(text).toContain("loss 0.123  acc 98.77%  staleness 6.9 p90 8  momentum -0.12→0.40 of 0.45");
    expect(text.indexOf("Epoch 1:")).toBeLessThan(text.indexOf("████"));
    expect(text.endsWith("\n")).toBe(true);
  });

  it("takes a terminal that does not know its size for one of 80 columns", () => {
    expect(play(0).progress).toBe(play(80).progress);
  });

  it("never writes a line longer than the terminal is wide", () => {
    for (const columns of [30, 50, 80, 200]) {
      // Every drawn line begins with a jump to the first column.
      const text = play(columns, { colors: true }).progress.replaceAll("\x1b[1G", "\n");
      const drawn = stripVTControlCharacters(text)
        .split("\n")
        .filter((line) => /^(loss|[█░])/.test(line));
      expect(drawn.length).toBeGreaterThanOrEqual(4);
      for (const line of drawn) expect(line.length).toBeLessThan(columns);
    }
  });

  it("colours only where the terminal says that it has colours", () => {
    const color = "\x1b[36m";
    expect(play(80, { colors: true }).progress).toContain(color);
    expect(play(80, { colors: false }).progress).not.toContain(color);
  });

  it("leaves line wrapping and the cursor as they are, so that a killed run leaves a usable terminal", () => {
    const { progress } = play(80);
    for (const code of ["\x1b[?7l", "\x1b[?25l"]) expect(progress).not.toContain(code);
  });

  it("may be closed before anything was drawn", () => {
    const progress = screen(80);
    const view = createProgressView({
      quiet: false,
      json: false,
      progress: progress.stream,
      results: progress.stream,
    });
    view.close();
    view.start(info);
    view.event("stopped");
    view.close();
    expect(progress.text()).toBe("lenet on mnist, 8 workers\nstopped\n");
  });
});

describe("workerTable()", () => {
  const of = (workers: number, width: number, height = 9) =>
    workerTable(
      {
        ...snapshot,
        seconds: 10,
        workerUpdates: Array.from({ length: workers }, (_, rank) => 100_000 * rank),
        workerStaleness: Array.from({ length: workers }, (_, rank) => (rank === 0 ? Number.NaN : rank)),
        workerBusySeconds: Array.from({ length: workers }, (_, rank) => 10 - rank / 2),
        workerFaults: Array.from({ length: workers }, (_, rank) => (rank === 1 ? 3 : 0)),
      },
      width,
      height,
    );

  it("has updates, staleness, waiting and faults of each worker, several beside each other where there is room", () => {
    expect(of(3, 40)).toEqual([
      "worker updates stale waits faults",
      "     0       0     –    0%      0",
      "     1    100k   1.0    5%      3",
      "     2    200k   2.0   10%      0",
    ]);
    expect(of(3, 80)).toEqual([
      "worker updates stale waits faults   worker updates stale waits faults",
      "     0       0     –    0%      0        2    200k   2.0   10%      0",
      "     1    100k   1.0    5%      3",
    ]);
  });

  it("counts the workers for whom there is no room, and is not there where one does not fit", () => {
    expect(of(200, 79)).toHaveLength(9);
    expect(of(200, 79).at(-1)).toBe("and 186 more");
    expect(of(4, 40, 2)).toEqual(["worker updates stale waits faults", "and 4 more"]);
    expect(of(4, 20)).toEqual([]);
  });

  it("is drawn below the state of training", () => {
    const text = stripVTControlCharacters(play(80).progress);
    expect(text.lastIndexOf("     1     634   7.0   25%")).toBeGreaterThan(
      text.lastIndexOf("momentum -0.12"),
    );
  });
});

describe("live fields", () => {
  it("leave out what is not known yet", () => {
    const early = {
      ...snapshot,
      totalUpdates: null,
      updatesPerSecond: Number.NaN,
      loss: Number.NaN,
      testAccuracy: null,
      stalenessMean: Number.NaN,
      momentumTotal: Number.NaN,
    };
    expect(paceFields(early, null)).toEqual(["epoch 1.32", "lr 0.00321"]);
    expect(stateFields(early)).toEqual(["momentum -0.12 of 0.45"]);
  });

  it("say when gradients were skipped", () => {
    expect(stateFields({ ...snapshot, skippedGradients: 2 })).toContain("2 gradients skipped");
  });

  it("are joined as far as they fit", () => {
    // "aa" + 2 + "bb" = 6 characters, + 2 + "c" = 9.
    expect([5, 6, 8, 9].map((width) => joinFields(["aa", "bb", "c"], width))).toEqual([
      "aa",
      "aa  bb",
      "aa  bb",
      "aa  bb  c",
    ]);
  });

  it("round for people", () => {
    expect([0, 0.00012345, 0.9996, 12.345, 999.4, 12_345.6, -0.5].map(significant)).toEqual([
      "0",
      "0.000123",
      "1",
      "12.3",
      "999",
      "12,346",
      "-0.5",
    ]);
    expect([0, 59.2, 60, 3674.5].map(clock)).toEqual(["0:00", "1:00", "1:00", "1:01:15"]);
    expect([0.98765, 1, 0.1].map(percent)).toEqual(["98.77%", "100.00%", "10.00%"]);
  });
});
