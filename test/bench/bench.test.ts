import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, test } from "vitest";
import { runCommand } from "../../bench/command.ts";
import { describeMachine } from "../../bench/harness/machine.ts";
import { relativeError } from "../../bench/harness/relative-error.ts";
import { type Result, readResult, writeResult } from "../../bench/harness/results.ts";
import { type Contender, type RoundsOptions, runRounds } from "../../bench/harness/rounds.ts";
import { statisticsOf } from "../../bench/harness/statistics.ts";
import { resultTable } from "../../bench/harness/table.ts";
import { scenarios } from "../../bench/scenarios/scenarios.ts";

/** Runs a command and returns its exit code, its result and what it told people. */
async function command(...args: string[]): Promise<{ code: number; result: string; log: string[] }> {
  const printed: string[] = [];
  const log: string[] = [];
  const code = await runCommand(args, {
    result: (line) => printed.push(line),
    log: (line) => log.push(line),
  });
  return { code, result: printed.join("\n"), log };
}

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
      `Cannot compare "sums" as every measurement must be a finite number > 0: received ${value} from a`,
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

test("a result is the same after writing and reading, and leaves one file", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const results = pathToFileURL(`${folder}/results/`);
  try {
    expect(readResult("example", results)).toBeNull();
    writeResult(example, results);
    writeResult(example, results);
    expect(readResult("example", results)).toEqual(example);
    expect(readdirSync(join(folder, "results"))).toEqual(["example.json"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("npm run bench", () => {
  it("--help lists every scenario with its description", async () => {
    const { code, result } = await command("--help");
    expect(code).toBe(0);
    for (const [name, { description }] of Object.entries(scenarios)) {
      expect(result).toMatch(new RegExp(`^ {2}${name} +${description}$`, "m"));
    }
  });

  const names = Object.keys(scenarios).join(", ");
  test.each([
    [["abacus"], `Cannot run the benchmark as NAME must be one of ${names}: received "abacus"`],
    [[], `Cannot run the benchmark as NAME must be one of ${names}: received "nothing"`],
    [["kernels", "--seconds", "0"], 'Cannot parse --seconds as it must be a number > 0: received "0"'],
    [["kernels", "--seconds"], 'Cannot parse --seconds as it must be a number > 0: received "nothing"'],
    [["kernels", "--quick=no"], 'Cannot parse --quick as it takes no value: received "no"'],
    [
      ["kernels", "--slow"],
      'Cannot run the benchmark as options must be among --quick, --seconds, --no-peers, --table, --help: received "--slow"',
    ],
  ])("answers %j with one sentence and exit code 2", async (args, sentence) => {
    expect(await command(...args)).toEqual({ code: 2, result: "", log: [sentence] });
  });

  it("kernels --quick finds the same bits in both forms and prints one JSON line", async () => {
    const { code, result } = await command("kernels", "--quick");
    expect(code).toBe(0);
    expect(result).not.toContain("\n");
    const { scenario, quick, checks, comparisons }: Result = JSON.parse(result);
    expect({ scenario, quick }).toEqual({ scenario: "kernels", quick: true });
    // five kernels at two lengths
    expect(checks.map(({ error }) => error)).toEqual(Array(10).fill(0));
    expect(comparisons.map(({ contenders }) => contenders.map(({ name }) => name))).toEqual(
      Array(10).fill(["SIMD", "JavaScript"]),
    );
  });

  it("gradients --quick --no-peers finds the interpreter's gradients, measures ours alone and says so", async () => {
    const { code, result, log } = await command("gradients", "--quick", "--no-peers");
    expect(code).toBe(0);
    const { checks, comparisons, skipped, peerVersions }: Result = JSON.parse(result);
    expect(checks).toHaveLength(3);
    for (const { claim, error } of checks) {
      expect(claim).toContain("loss and gradient agree with the interpreter");
      expect(error).toBeLessThan(1e-5);
    }
    expect(comparisons.flatMap(({ contenders }) => contenders.map(({ name }) => name))).toEqual(
      Array(3).fill("yf-async"),
    );
    expect(skipped).toEqual(["PyTorch, left out with --no-peers"]);
    expect(peerVersions).toEqual({});
    expect(log[0]).toContain("without PyTorch");
  });
});
