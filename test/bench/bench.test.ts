import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { type BenchOptions, runBench, scenarioList } from "../../bench/bench.ts";
import { describeMachine } from "../../bench/harness/machine.ts";
import { resultPage } from "../../bench/harness/page.ts";
import { relativeError } from "../../bench/harness/relative-error.ts";
import { type Result, readResult, writeResult } from "../../bench/harness/results.ts";
import { type Contender, type RoundsOptions, runRounds } from "../../bench/harness/rounds.ts";
import { medianInterval, statisticsOf } from "../../bench/harness/statistics.ts";
import { resultTable } from "../../bench/harness/table.ts";
import { nets, timedNets } from "../../bench/scenarios/nets.ts";
import { scenarios } from "../../bench/scenarios/scenarios.ts";
import type { Chart } from "../../src/pages/chart.ts";
import { createCountedProgress } from "../../src/report/counted-progress.ts";

/** A quick run of a scenario that is neither seen nor kept. */
const quickly = (name: string): Promise<Result> =>
  runBench(name, {
    quick: true,
    seconds: null,
    peers: false,
    out: null,
    force: false,
    progress: createCountedProgress({ quiet: true }),
    signal: new AbortController().signal,
  });

/** A contender that gives the numbers of a list, one a call, and notes its name in `calls`. */
function scripted(name: string, values: readonly number[], calls: string[] = []): Contender {
  let next = 0;
  return {
    name,
    measure: () => {
      calls.push(name);
      return values[next++];
    },
  };
}

const options: RoundsOptions = { title: "sums", unit: "sums/s", better: "higher", rounds: 2 };

describe("statisticsOf()", () => {
  it("gives minimum, median, 90th percentile and maximum of numbers in any order", () => {
    // 0, 10, … 100: half of the way is 50, nine tenths are 90
    const values = [70, 0, 100, 30, 10, 90, 20, 50, 40, 80, 60];
    expect(statisticsOf(values)).toEqual({ min: 0, median: 50, p90: 90, max: 100 });
  });

  it("interpolates between two neighbours", () => {
    // median of 1, 2, 4, 8: half way from 2 to 4; p90: place 0.9·3 = 2.7, 4 + 0.7·(8 − 4) = 6.8
    const { median, p90 } = statisticsOf([8, 1, 4, 2]);
    expect(median).toBe(3);
    expect(p90).toBeCloseTo(6.8, 12);
  });

  it("gives the one number that there is four times", () => {
    expect(statisticsOf([7])).toEqual({ min: 7, median: 7, p90: 7, max: 7 });
  });
});

describe("medianInterval()", () => {
  it("leaves out so many values at both ends as the median is among with at most 5 %", () => {
    // All of n values are above the median, or below it, with probability 2 / 2^n: 1/16 of five, 1/32 of six.
    expect(medianInterval([5, 3, 1, 4, 2])).toEqual([1, 5]);
    expect(medianInterval([6, 5, 3, 1, 4, 2])).toEqual([1, 6]);
    // Of nine, one or none is with 2 · (1 + 9) / 512 = 3.9 %; of eight with 2 · (1 + 8) / 256 = 7.0 %.
    expect(medianInterval([8, 7, 9, 6, 5, 3, 1, 4, 2])).toEqual([2, 8]);
    expect(medianInterval([8, 7, 6, 5, 3, 1, 4, 2])).toEqual([1, 8]);
    expect(medianInterval([7])).toEqual([7, 7]);
  });
});

describe("runRounds()", () => {
  it("turns the order around with every round, after a round that is not counted", async () => {
    const calls: string[] = [];
    const [a, b] = [scripted("a", [9, 1, 2, 3], calls), scripted("b", [9, 4, 5, 6], calls)];
    const { contenders } = await runRounds([a, b], { ...options, rounds: 3 });
    expect(calls.join("")).toBe("ba" + "ab" + "ba" + "ab");
    expect(contenders.map(({ rounds }) => rounds)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("starts anew who wants that, before every round that counts", async () => {
    const calls: string[] = [];
    const restart = async () => {
      calls.push("-");
    };
    const contenders = [
      { ...scripted("a", [9, 1, 2, 3], calls), restart },
      scripted("b", [9, 4, 5, 6], calls),
    ];
    await runRounds(contenders, { ...options, rounds: 3 });
    expect(calls.join("")).toBe("ba" + "-ab" + "-ba" + "-ab");
  });

  it("says how many times as good the first is, best against best and median against median", async () => {
    const make = () => [scripted("a", [1, 10, 30]), scripted("b", [1, 5, 3]), scripted("c", [1, 40, 40])];
    const faster = await runRounds(make(), options);
    // best 30, 5 and 40; medians 20, 4 and 40
    expect(faster.contenders.map(({ best }) => best)).toEqual([30, 5, 40]);
    expect(faster.ratios).toEqual([
      { against: "b", best: 6, median: 5 },
      { against: "c", best: 0.75, median: 0.5 },
    ]);
    // as times: best 10, 3 and 40, so b takes 0.3 of the time of a, and c four times as long
    const shorter = await runRounds(make(), { ...options, better: "lower" });
    expect(shorter.contenders.map(({ best }) => best)).toEqual([10, 3, 40]);
    expect(shorter.ratios).toEqual([
      { against: "b", best: 0.3, median: 0.2 },
      { against: "c", best: 4, median: 2 },
    ]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a measurement of %d", async (value) => {
    await expect(runRounds([scripted("a", [value])], options)).rejects.toThrow(
      `Cannot compare "sums": every measurement must be a finite number > 0 (got ${value} from a)`,
    );
  });
});

test("relativeError() is the norm of the difference over the norm of what is expected", () => {
  // |(3, 4) − (3, 5)| / |(3, 4)| = 1/5
  expect(relativeError([3, 5], [3, 4])).toBeCloseTo(0.2, 15);
  expect(relativeError([3, Number.NaN], [3, 4])).toBeNaN();
});

test("the machine is described without its name, its user or a folder", () => {
  const machine = describeMachine();
  expect(machine.cores).toBeGreaterThanOrEqual(1);
  expect(machine.versions.node).toBe(process.versions.node);
  expect(Object.keys(machine).sort()).toEqual(
    ["commit", "cores", "cpu", "memoryGiB", "modified", "os", "versions"].sort(),
  );
  expect(machine.os).toMatch(/^\w+ \w+( \d+(\.\d+)?)?$/);
  expect(JSON.stringify(machine)).not.toContain(homedir());
});

/** A result with every field, whose table is checked below. */
const example: Result = {
  version: 1,
  scenario: "example",
  quick: false,
  machine: {
    cpu: "Abacus",
    cores: 2,
    memoryGiB: 4,
    os: "linux x64 6.1",
    versions: { node: "20.0.0" },
    commit: "0123456789abcdef",
    modified: true,
  },
  load: { start: [0.1, 0, 0], end: [1.1, 0, 0] },
  parameters: { seed: 1 },
  checks: [{ claim: "1 + 1 is 2", error: 0, tolerance: 0 }],
  comparisons: [
    {
      title: "sums",
      unit: "sums/s",
      better: "higher",
      contenders: [
        { name: "a", min: 1000, median: 1500, p90: 1900, max: 2000, best: 2000, rounds: [1000, 2000] },
        { name: "b", min: 1, median: 3, p90: 4.5, max: 5.25, best: 5.25, rounds: [1, 3, 5.25] },
      ],
      ratios: [{ against: "b", best: 2000 / 5.25, median: 500 }],
    },
  ],
  skipped: ["PyTorch, which is not installed"],
  peerVersions: { soroban: "1.0" },
};

test("a result becomes a Markdown table with the machine and whoever did not take part below it", () => {
  expect(resultTable(example)).toBe(
    [
      "| measured | contender | unit | best | median | min … max | ratio of best | of medians |",
      "| --- | --- | --- | --: | --: | --: | --: | --: |",
      "| sums | a | sums/s | 2,000 | 1,500 | 1,000 … 2,000 |  |  |",
      "|  | b | sums/s | 5.25 | 3 | 1 … 5.25 | 381× | 500× |",
      "",
      "Abacus, 2 cores, 4 GiB, linux x64 6.1; node 20.0.0, soroban 1.0; commit 0123456789, modified; load 0.1 before, 1.1 after",
      "Not measured: PyTorch, which is not installed",
    ].join("\n"),
  );
});

test("the page of a result has its tables, charts, machine and checks, and fetches nothing", () => {
  const chart: Chart = {
    kind: "lines",
    title: "sums < over time",
    x: { label: "seconds" },
    y: { label: "sums" },
    series: [{ name: "a", y: [1, 2] }],
  };
  const tables = [{ title: "By hand", columns: ["", "sums"], rows: [["a & b", "7"]] }];
  const page = resultPage({ ...example, charts: [chart], tables }, "Adds numbers");
  expect(page).toContain("<p>Adds numbers</p>");
  expect(page).toContain("sums \\u003c over time");
  // one of the comparison, one of the scenario
  expect(page.match(/<yf-chart>/g)).toHaveLength(2);
  expect(page).toContain("<caption>By hand</caption>");
  expect(page).toContain("a &amp; b");
  for (const words of ["1 + 1 is 2", "Abacus, 2 cores", "0123456789, modified", "soroban 1.0"]) {
    expect(page).toContain(words);
  }
  expect(page).toContain("Not measured: PyTorch, which is not installed");
  expect(page).not.toMatch(/(src|href)=|url\(|@import/);
});

describe("results files", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "results", "example.json");

  it("read as they were written, and are one file", () => {
    writeResult(example, file);
    writeResult(example, file);
    expect(readResult(file)).toEqual(example);
    expect(readdirSync(join(folder, "results"))).toEqual(["example.json"]);
  });

  test.each([
    ['{"version":2}', `Cannot read ${file}: must be a results file of version 1 (got 2)`],
    ["{}", `Cannot read ${file}: must be a results file of version 1`],
    ["null", `Cannot read ${file}: must be a results file of version 1`],
    ["{", /^Cannot read .*example\.json: must be the results file of a benchmark \(got ".*JSON.*"\)$/],
  ])("with %s in it are refused", (text, message) => {
    writeFileSync(file, text);
    expect(() => readResult(file)).toThrow(message);
    expect(() => readResult(file)).toThrow(expect.objectContaining({ code: "BAD_RESULT", exitCode: 2 }));
  });
});

describe("a benchmark", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const out = join(folder, "kernels.json");
  const news: string[] = [];
  const options: BenchOptions = {
    quick: true,
    seconds: 0.001,
    peers: false,
    out,
    force: false,
    progress: { begin() {}, step: () => {}, event: (text) => news.push(text), close() {} },
    signal: new AbortController().signal,
  };

  it("that is interrupted keeps its finished cells and goes on there, and does not overwrite its results", async () => {
    const controller = new AbortController();
    let steps = 0;
    const interrupting = {
      ...options.progress,
      step: () => {
        steps++;
        if (steps === 3) controller.abort();
      },
    };
    const interrupted = runBench("kernels", {
      ...options,
      progress: interrupting,
      signal: controller.signal,
    });
    await expect(interrupted).rejects.toThrow("aborted");
    expect(readdirSync(folder)).toEqual(["kernels.cells.jsonl"]);
    const kept = readFileSync(join(folder, "kernels.cells.jsonl"), "utf8").trim().split("\n");
    expect(kept).toHaveLength(3);

    let measured = 0;
    const counting = {
      ...options.progress,
      step: (_: string, fresh: boolean) => {
        if (fresh) measured++;
      },
    };
    const { comparisons } = await runBench("kernels", { ...options, progress: counting });
    expect(news).toContain("3 measurements are there from an earlier run");
    expect(measured).toBe(comparisons.length - 3);
    expect(comparisons.slice(0, 3)).toEqual(kept.map((line) => JSON.parse(line).value));
    expect(readdirSync(folder).sort()).toEqual(["kernels.html", "kernels.json"]);

    const text = readFileSync(out, "utf8");
    await expect(runBench("kernels", options)).rejects.toThrow(
      `Cannot write ${out}: must not hold other results (--force overwrites them)`,
    );
    expect(readFileSync(out, "utf8")).toBe(text);
  });

  it("says how long it takes before it starts", async () => {
    const told: string[] = [];
    const first = { ...options.progress, event: (text: string) => told.push(text) };
    const stopped = AbortSignal.abort();
    await expect(
      runBench("convergence", { ...options, quick: false, out: null, progress: first, signal: stopped }),
    ).rejects.toBe(stopped.reason);
    const { full } = scenarios.convergence.minutes;
    expect(told[0]).toBe(`convergence: about ${full} minutes on two idle cores`);
  });

  it("kernels --quick finds the same bits in both forms", async () => {
    const { checks, comparisons, quick, scenario } = await quickly("kernels");
    expect({ scenario, quick }).toEqual({ scenario: "kernels", quick: true });
    // five kernels at two lengths
    expect(checks.map(({ error }) => error)).toEqual(Array(10).fill(0));
    expect(comparisons.map(({ contenders }) => contenders.map(({ name }) => name))).toEqual(
      Array(10).fill(["SIMD", "JavaScript"]),
    );
  });

  it("gradients --quick --no-peers finds the interpreter's gradients, measures ours alone and says so", async () => {
    const { checks, comparisons, skipped, peerVersions } = await quickly("gradients");
    expect(checks).toHaveLength(nets.length);
    for (const { claim, error } of checks) {
      expect(claim).toContain("loss and gradient agree with the interpreter");
      expect(error).toBeLessThan(1e-5);
    }
    expect(comparisons.flatMap(({ contenders }) => contenders.map(({ name }) => name))).toEqual(
      timedNets.map(() => "yf-async"),
    );
    expect(skipped).toEqual(["PyTorch, left out with --no-peers"]);
    expect(peerVersions).toEqual({});
  });
});

test("every scenario takes at most three minutes when it is to be quick, and is listed with its time", () => {
  const lines = scenarioList().split("\n");
  expect(lines).toHaveLength(Object.keys(scenarios).length);
  for (const [i, [name, { description, minutes }]] of Object.entries(scenarios).entries()) {
    expect(minutes.quick).toBeLessThanOrEqual(3);
    expect(lines[i]).toMatch(new RegExp(`^${name} +`));
    expect(lines[i]).toContain(`${description}, about `);
  }
});
