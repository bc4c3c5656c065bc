import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, it, test } from "vitest";
import { codeFingerprint } from "../../src/grid/code-fingerprint.ts";
import { FinishedCells } from "../../src/grid/finished-cells.ts";
import { readGrid } from "../../src/grid/grid-file.ts";
import { gridTable } from "../../src/grid/grid-table.ts";
import { onSpareCores } from "../../src/grid/on-spare-cores.ts";
import { type GridRun, runGrid } from "../../src/grid/run-grid.ts";
import { smoothedLosses, updatesToLoss } from "../../src/grid/updates-to-loss.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-grid-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function gridFile(name: string, grid: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof grid === "string" ? grid : JSON.stringify(grid));
  return file;
}

describe("updatesToLoss()", () => {
  it("is the number of updates after which the mean of two blocks of 50 is low enough", () => {
    // means 3, 1.5, 1.25: the second pair ends with update 150
    expect(smoothedLosses([4, 2, 1, 1.5])).toEqual([3, 1.5, 1.25]);
    expect(updatesToLoss([4, 2, 1, 1.5], 3)).toBe(100);
    expect(updatesToLoss([4, 2, 1, 1.5], 1.5)).toBe(150);
    expect(updatesToLoss([4, 2, 1, 1.5], 1)).toBeNull();
  });

  it("is nothing for a run that was too short, or whose loss is no number", () => {
    expect(updatesToLoss([0.1], 1)).toBeNull();
    expect(updatesToLoss([Number.NaN, Number.NaN], 1)).toBeNull();
  });
});

describe("onSpareCores()", () => {
  /** Runs that end when they are told to. */
  function controlled() {
    const begun: string[] = [];
    const ends = new Map<string, (error?: Error) => void>();
    const run = (name: string) =>
      new Promise<string>((resolve, reject) => {
        begun.push(name);
        ends.set(name, (error) => (error === undefined ? resolve(`${name}!`) : reject(error)));
      });
    const end = async (name: string, error?: Error) => {
      ends.get(name)?.(error);
      await turn();
    };
    return { begun, run, end };
  }

  it("begins a run as soon as enough cores are free, in order, and returns results in order", async () => {
    const { begun, end, run } = controlled();
    const threads: Record<string, number> = { a: 1, b: 2, c: 1, d: 9 };
    const all = onSpareCores(["a", "b", "c", "d"], (name) => threads[name], run, 3);
    await turn();
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("c");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("a");
    // wants nine of three cores, and has them all
    expect(begun).toEqual(["a", "b", "c", "d"]);
    await end("d");
    expect(await all).toEqual(["a!", "b!", "c!", "d!"]);
  });

  it("begins nothing after a failure, and fails when nothing runs any more", async () => {
    const { begun, end, run } = controlled();
    let settled = false;
    const all = onSpareCores(["a", "b", "c"], () => 1, run, 2).finally(() => {
      settled = true;
    });
    const failure = expect(all).rejects.toThrow("lost");
    await turn();
    await end("a", new Error("lost"));
    expect(begun).toEqual(["a", "b"]);
    expect(settled).toBe(false);
    await end("b");
    await failure;
  });
});

describe("FinishedCells", () => {
  it("measures a cell once, also in a second session and after a line that was cut off", async () => {
    const file = join(folder, "deep", "cells.jsonl");
    let measured = 0;
    const measure = async () => ({ found: ++measured });
    const first = new FinishedCells(file, "code");
    const both = await Promise.all([first.get("a", measure), first.get("a", measure)]);
    expect(both).toEqual([{ found: 1 }, { found: 1 }]);
    appendFileSync(file, '\n{"cell":"b","code":"code","val');
    await first.get("c", measure);

    const second = new FinishedCells(file, "code");
    expect(second.found).toBe(2);
    expect(second.has("b")).toBe(false);
    expect(await second.get("a", measure)).toEqual({ found: 1 });
    expect(await second.get("c", measure)).toEqual({ found: 2 });
    expect(measured).toBe(2);
  });

  it("counts cells that other code measured, and measures them again", async () => {
    const file = join(folder, "other.jsonl");
    await new FinishedCells(file, "old").get("a", async () => 1);
    const cells = new FinishedCells(file, "new");
    expect(cells).toMatchObject({ found: 0, foreign: 1 });
    expect(await cells.get("a", async () => 2)).toBe(2);
  });

  it("keeps nothing of a measurement that failed", async () => {
    const file = join(folder, "failed.jsonl");
    const cells = new FinishedCells(file, "code");
    await expect(cells.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(cells.has("a")).toBe(false);
    expect(await cells.get("a", async () => 3)).toBe(3);
    cells.discard();
    expect(new FinishedCells(file, "code").found).toBe(0);
  });
});

test("codeFingerprint() is the same at every call", () => {
  expect(codeFingerprint()).toMatch(/^[0-9a-f]{16}$/);
  expect(codeFingerprint()).toBe(codeFingerprint());
});

describe("readGrid()", () => {
  it("combines the values of every option, grid by grid, and no combination twice", () => {
    const file = gridFile("good.json", {
      options: { model: "mlp", mode: "random-worker", maxUpdates: 100 },
      grid: [
        { optimizer: ["sgd"], learningRate: [0.1, 0.2], simulateWorkers: [1, 4] },
        { optimizer: ["sgd", "yellowfin"], simulateWorkers: [4] },
        { optimizer: ["yellowfin"], simulateWorkers: [4] },
      ],
      seeds: [1, 2],
      targets: [0.5],
    });
    const { cells, seeds, targets } = readGrid(file);
    expect({ seeds, targets }).toEqual({ seeds: [1, 2], targets: [0.5] });
    expect(cells.map(({ varied }) => Object.values(varied).join(" "))).toEqual([
      "sgd 0.1 1",
      "sgd 0.1 4",
      "sgd 0.2 1",
      "sgd 0.2 4",
      "sgd 4",
      "yellowfin 4",
    ]);
    // a schedule has the same bits on one thread, and other runs may have the other cores
    expect(cells.map(({ workers }) => workers)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(cells[3].options).toMatchObject({ model: "mlp", maxUpdates: 100, simulateWorkers: 4, workers: 1 });
  });

  it("leaves free threads as many as they are", () => {
    const file = gridFile("free.json", { options: { epochs: 1 }, grid: { workers: [1, 3] } });
    expect(readGrid(file).cells.map(({ workers }) => workers)).toEqual([1, 3]);
  });

  const grid = { optimizer: ["sgd"] };
  test.each([
    ["{", /^Cannot read FILE: must be a grid in JSON \(got ".*JSON.*"\)$/],
    [
      "[]",
      'Cannot use FILE: must be an object with the keys options, grid, seeds, targets (got "no object")',
    ],
    [
      { grids: grid },
      'Cannot use FILE: must be an object with the keys options, grid, seeds, targets (got "grids")',
    ],
    [{}, "Cannot use FILE: grid must be an object of non-empty lists, by option, or a list of such objects"],
    [
      { grid: { optimizer: "sgd" } },
      'Cannot use FILE: grid must be an object of non-empty lists, by option, or a list of such objects (got "{\\"optimizer\\":\\"sgd\\"}")',
    ],
    [
      { grid: [] },
      'Cannot use FILE: grid must be an object of non-empty lists, by option, or a list of such objects (got "[]")',
    ],
    [{ grid, options: 3 }, "Cannot use FILE: options must be an object (got 3)"],
    [{ grid, seeds: [1.5] }, 'Cannot use FILE: seeds must be a list of integers (got "[1.5]")'],
    [{ grid, seeds: [] }, 'Cannot use FILE: seeds must be a list of integers (got "[]")'],
    [{ grid, seeds: [-1] }, "Cannot use seed of FILE: must be an integer in [0, 4294967295] (got -1)"],
    [{ grid, targets: [0] }, 'Cannot use FILE: targets must be a list of losses > 0 (got "[0]")'],
    [
      { grid: { optimizer: ["sgd", "sgdd"] } },
      /^Cannot use optimizer of FILE: must be one of auto, .* \(got "sgdd"\)$/,
    ],
    [
      { grid: { lerningRate: [1] } },
      /^Cannot use an option of FILE: must be one of data, .* \(got "lerningRate"\)$/,
    ],
    [
      { grid: { learningRate: [0.1] } },
      "Cannot use learningRate of FILE: auto tunes the learning rate itself (scale it with learningRateFactor)",
    ],
  ])("refuses %j in one sentence", (content, message) => {
    const file = gridFile("bad.json", content);
    const named =
      typeof message === "string"
        ? message.replace("FILE", file)
        : new RegExp(message.source.replace("FILE", file.replace(/[.\\]/g, "\\$&")));
    expect(() => readGrid(file)).toThrow(named);
    expect(() => readGrid(file)).toThrow(expect.objectContaining({ code: "BAD_GRID", exitCode: 2 }));
  });
});

describe("runGrid()", () => {
  const file = gridFile("tiny.json", {
    options: { data: "a6a", model: "logistic", mode: "round-robin", maxUpdates: 150, batchSize: 8 },
    grid: { optimizer: ["sgd"], learningRate: [0.1, 1e38], simulateWorkers: [2] },
    seeds: [1, 2],
    targets: [0.69, 1e-9],
  });
  const cells = join(folder, "tiny.cells.jsonl");
  const signal = new AbortController().signal;

  it("tells each run's outcome, a rate that is far too large included, and repeats none", async () => {
    const grid = readGrid(file);
    const measured: boolean[] = [];
    const once = async () =>
      runGrid(grid, {
        finished: new FinishedCells(cells, "code"),
        signal,
        cores: 2,
        onRun: (_, fresh) => measured.push(fresh),
      });
    const first = await once();
    expect(first.map(({ finite, seed, varied }) => [varied.learningRate, seed, finite])).toEqual([
      [0.1, 1, true],
      [0.1, 2, true],
      [1e38, 1, false],
      [1e38, 2, false],
    ]);
    expect(first[0].updatesToTarget).toEqual([expect.any(Number), null]);
    expect(first[0].stalenessMean).toBeCloseTo(1, 1);
    const kept = readFileSync(cells, "utf8");
    expect(await once()).toEqual(first);
    expect(measured).toEqual([true, true, true, true, false, false, false, false]);
    expect(readFileSync(cells, "utf8")).toBe(kept);
  });

  it("gives the runs of train() alone", async () => {
    const [run] = await runGrid(readGrid(file), { finished: new FinishedCells(null, ""), signal, cores: 2 });
    const { train } = await import("../../src/train.ts");
    const { summary } = await train({
      data: "a6a",
      model: "logistic",
      mode: "round-robin",
      maxUpdates: 150,
      batchSize: 8,
      optimizer: "sgd",
      learningRate: 0.1,
      simulateWorkers: 2,
      workers: 1,
      seed: 1,
    });
    expect(run.testLoss).toBe(summary.testLoss);
    expect(run.testAccuracy).toBe(summary.testAccuracy);
  });

  it("begins nothing once it is to end", async () => {
    const finished = new FinishedCells(null, "");
    const stopped = AbortSignal.abort();
    await expect(runGrid(readGrid(file), { finished, signal: stopped })).rejects.toBe(stopped.reason);
  });
});

test("gridTable() shows medians over the seeds, the best cell first, and “–” where most seeds have no number", () => {
  const run = (varied: object, seed: number, updates: number | null, loss: number | null): GridRun => ({
    varied: varied as GridRun["varied"],
    seed,
    finite: loss !== null,
    updatesToTarget: [updates],
    trainLoss: loss,
    testLoss: loss,
    testAccuracy: loss === null ? null : 1 - loss,
    stalenessMean: loss === null ? null : 1,
    updatesPerSecond: loss === null ? null : 1234.5,
  });
  const slow = { optimizer: "sgd", learningRate: 0.1 };
  const fast = { optimizer: "adam" };
  const runs = [
    ...[run(slow, 1, 1000, 0.4), run(slow, 2, null, 0.2), run(slow, 3, 2000, 0.3)],
    ...[run(fast, 1, 500, 0.1), run(fast, 2, null, null), run(fast, 3, null, null)],
  ];
  // medians: 2000 of 1000, 2000 and none; none of 500 and twice none
  expect(gridTable(runs, [0.5])).toBe(
    [
      "optimizer  learningRate  updates to 0.5  train loss  test accuracy  staleness  updates/s  finite",
      "sgd        0.1           2,000           0.3         70.00%         1          1,235      3 of 3",
      "adam                     –               –           –              –          –          1 of 3",
    ].join("\n"),
  );
});
