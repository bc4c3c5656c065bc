/** What scenarios make of their measurements: every cell is given here, so that the right answer is known. */
import { describe, expect, it, test } from "vitest";
import { Cells } from "../../bench/harness/cells.ts";
import type { ScenarioOptions } from "../../bench/harness/scenario.ts";
import { addCounts, geometricShare, stalenessChart } from "../../bench/scenarios/geometric-law.ts";
import { jitter } from "../../bench/scenarios/jitter.ts";
import { lossChart } from "../../bench/scenarios/loss-curves.ts";
import { momentumFailure } from "../../bench/scenarios/momentum-failure.ts";
import { optimalMomentum } from "../../bench/scenarios/optimal-momentum.ts";
import {
  lowestLoss,
  meanCurve,
  updatesToCommonLowest,
  updatesToLowest,
} from "../../bench/scenarios/paper/paper-losses.ts";
import type { Outcome } from "../../bench/scenarios/simulated-run.ts";
import type { Problem } from "../../bench/scenarios/staleness/contenders.ts";
import { efficiencies } from "../../bench/scenarios/staleness/efficiency.ts";
import { inShort } from "../../bench/scenarios/staleness/in-short.ts";
import type { Run } from "../../bench/scenarios/staleness/runs.ts";
import { staleness } from "../../bench/scenarios/staleness/staleness.ts";
import { accuracies, againstExpert, updatesToTarget } from "../../bench/scenarios/staleness/tables.ts";
import { FinishedCells } from "../../src/grid/finished-cells.ts";

type Key = Readonly<Record<string, unknown>>;

const reached = (updates: number | null): Outcome => ({
  reached: [updates, null],
  testAccuracy: 0.9,
  finalLoss: 0.2,
  stalenessMean: 1,
  stalenessMax: 2,
  lossCurve: [1, 0.5, 0.2],
  stalenessCounts: [1, 2, 1],
  trainingSeconds: 3,
});

/** Options of a scenario whose cells are what `answer` says of their keys; `asked` notes those, `planned` their number. */
function given(answer: (key: Key) => unknown, quick: boolean) {
  const asked: Key[] = [];
  const planned: number[] = [];
  const silent = { begin: (total: number) => planned.push(total), step() {}, event() {}, close() {} };
  class Given extends Cells {
    override async get<T>(_: string, key: Key): Promise<T> {
      asked.push(key);
      return answer(key) as T;
    }
  }
  const cells = new Given(new FinishedCells(null, ""), silent, new AbortController().signal);
  const options: ScenarioOptions = { quick, seconds: null, peers: false, cells, log() {} };
  return { options, asked, planned };
}

test("geometricShare() is a distribution with mean M − 1", () => {
  const shares = Array.from({ length: 2_000 }, (_, staleness) => geometricShare(16, staleness));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(shares.reduce((sum, share, staleness) => sum + share * staleness, 0)).toBeCloseTo(15, 9);
});

test("losses are compared by the lowest mean of 1,000 updates of the seeds' mean curve", () => {
  // Blocks of 50 updates: 20 of them are a window. 21 blocks have two windows, of mean 19 · 2 / 20 + 4 / 20 and 2.
  const curve = [4, ...Array.from({ length: 20 }, () => 2)];
  expect(lowestLoss(curve)).toBe(2);
  expect(updatesToLowest(curve, 2)).toBe(1050);
  expect(updatesToLowest(curve, 2.1)).toBe(1000);
  expect(updatesToLowest(curve, 1)).toBeNull();
  // Windows of means 2.3, 2.1 and 1.9: 2 is the lowest that both reach, this one in its last window.
  const lower = [6, 4, ...Array.from({ length: 19 }, () => 2), 0];
  expect(lowestLoss(lower)).toBeCloseTo(1.9, 12);
  expect(updatesToCommonLowest(curve, lower)).toEqual([1050, 1100]);
  expect(updatesToCommonLowest(curve, [])).toEqual([null, null]);
  // Fewer updates are one window.
  expect([lowestLoss([3, 1]), updatesToLowest([3, 1], 2)]).toEqual([2, 100]);
  // A run that ended before its first block has lost.
  expect(meanCurve([[], [1]])).toEqual([]);
  expect(lowestLoss([])).toBe(Number.POSITIVE_INFINITY);
  expect(updatesToLowest([], 1)).toBeNull();
});

test("addCounts() adds histograms of any length", () => {
  expect(addCounts([[1, 2], [], [0, 0, 5]])).toEqual([1, 2, 5]);
  expect(addCounts([])).toEqual([]);
});

test("stalenessChart() draws shares of the updates beside the law", () => {
  const { series } = stalenessChart("title", 2, [{ name: "threads", counts: [3, 1] }]);
  expect(series[0]).toMatchObject({ name: "threads", x: [0, 1, 2, 3, 4, 5, 6, 7] });
  expect(series[0].y.slice(0, 3)).toEqual([0.75, 0.25, 0]);
  expect(series[1].y.slice(0, 3)).toEqual([0.5, 0.25, 0.125]);
});

test("lossChart() draws the median of the seeds in a band, and seeds that ended as lost", () => {
  const chart = lossChart("title", [
    { contender: "a", lossCurve: [4, 1] },
    { contender: "a", lossCurve: [2, 3] },
    { contender: "a", lossCurve: [3, 2] },
    { contender: "b", lossCurve: [1e9] },
  ]);
  expect(chart.series.map(({ name, x, y }) => ({ name, x, y }))).toEqual([
    { name: "a", x: [50, 100], y: [3, 2] },
    { name: "b", x: [50], y: [10] },
  ]);
  expect(chart.series[0].band).toEqual({ low: [2, 1], high: [4, 3] });
});

describe("momentum-failure", () => {
  it("tells a failure by its missed targets and its accuracy", async () => {
    const lost = { ...reached(null), finalLoss: 9, testAccuracy: 0.1 };
    const { asked, options } = given(
      ({ mode, optimizer }) => (optimizer === "momentum" && mode !== "serial" ? lost : reached(700)),
      true,
    );
    const { checks, tables } = await momentumFailure(options);
    // four settings, five contenders, one seed
    expect(asked).toHaveLength(20);
    expect(checks.map(({ error }) => error)).toEqual([0, 0]);
    expect(tables?.[0].rows[0]).toEqual([
      "momentum 0.9, rate 0.01",
      "700 / –; 90.0 %",
      ...Array(3).fill("– / –; 10.0 %, 1 diverged"),
    ]);
    expect(tables?.[0].rows[4].slice(1)).toEqual(Array(4).fill("700 / –; 90.0 %"));
  });
});

describe("optimal-momentum", () => {
  it("finds the momentum that needs the fewest updates at its own best step, interpolated between blocks", async () => {
    // fastest where explicit momentum and that of asynchrony together are 0.85, at the step 0.2 and no other
    const { options } = given((key) => {
      const { learningRate, momentum, simulateWorkers } = key as Record<string, number>;
      const step = learningRate / (1 - momentum);
      const distance = Math.abs(momentum + 1 - 1 / simulateWorkers - 0.85);
      const bad = 0.2 * distance + (Math.abs(step - 0.2) < 1e-6 ? 0 : 0.5);
      // one block above the target of 0.3, then below: the crossing lies the later the larger `bad` is
      return { ...reached(100), lossCurve: [0.5, 0.3 + bad, 0.3 - 0.05 / (1 + bad), 0.1] };
    }, false);
    const { charts, tables } = await optimalMomentum(options);
    const rows = tables?.[0].rows ?? [];
    expect(rows.map(([workers, ...cells]) => [workers, cells.at(-1)])).toEqual([
      ["1", "0.9"],
      ["2", "0.3"],
      ["4", "0"],
      ["8", "0"],
      ["16", "0"],
      ["32", "0"],
    ]);
    for (const row of rows) expect(row.slice(1, -1).join()).toMatch(/^\d+ \(0\.2\)(,\d+ \(0\.2\))*$/);
    expect(charts?.[1].series[0]).toMatchObject({ x: [1, 2, 4, 8, 16, 32], y: [0.9, 0.3, 0, 0, 0, 0] });
  });
});

describe("jitter", () => {
  it("says how many times fewer updates a law needs, and what its runs take in time", async () => {
    const { options } = given(({ batchJitter }) => reached(batchJitter === "two" ? 500 : 1_000), true);
    const { charts, tables } = await jitter(options);
    const [simulated, four] = tables ?? [];
    // staleness 0, 1, 1, 2: mean 1, variance 1/2
    expect(simulated.rows[1]).toEqual(["two sizes", "500", "2.00", "1500", "1.00", "0 / 1", "1.0 ± 0.7 … 2"]);
    // 3 s for 1500 updates of 64 examples: 2 ms an update, 31.25 µs an example
    expect(four.rows[1].slice(-2)).toEqual(["1.00", "31.25"]);
    expect(four.rows[0].slice(-2)).toEqual(["2.00", "31.25"]);
    expect(charts).toHaveLength(3);
  });
});

describe("staleness", () => {
  it("gives experts the rate that was best in the search, and makes as many runs as it plans", async () => {
    const { asked, options, planned } = given((key) => {
      if ("hardware" in key) return 100;
      const { learningRate, mode, optimizer, seed } = key;
      const best = mode === "serial" ? 0.2 : 0.05;
      return reached(optimizer === "sgd" && seed === 101 && learningRate === best ? 200 : 400);
    }, false);
    const { tables } = await staleness(options);
    expect(planned).toEqual([asked.length]);
    const sgd = asked.filter(({ optimizer, seed }) => optimizer === "sgd" && seed === 1);
    const rates = (mode: string) =>
      new Set(sgd.filter((key) => key.mode === mode).map(({ learningRate }) => learningRate));
    expect(rates("serial")).toEqual(new Set([0.2]));
    // retuned, and as tuned for one worker
    expect(rates("round-robin")).toEqual(new Set([0.05, 0.2]));
    // every run of seeds 1 to 3 takes 400 updates
    for (const row of tables?.[0].rows ?? []) expect(row.slice(1)).toEqual(["1.00", "1.00"]);
  });
});

describe("the tables of staleness", () => {
  const problem: Problem = { title: "sums", classes: 2, maxUpdates: 1_000, targets: [0.5, 0.1] };
  const run = (contender: string, setting: string, updates: number | null, finalLoss = 0.2): Run => ({
    ...{ problem: "sums", contender, setting, seed: 1, learningRate: null, finalLoss },
    ...{
      reached: [updates, null],
      testAccuracy: 0.75,
      stalenessMean: 1,
      stalenessMax: 2,
      trainingSeconds: 1,
    },
  });
  const runs = [
    ...[run("own", "1 worker", 200), run("own", "16 constant", 800), run("own", "16 random", 400)],
    ...[run("sgd, retuned for each", "1 worker", 100), run("sgd, retuned for each", "16 constant", 400)],
    ...[run("sgd, retuned for each", "16 random", 400), run("adam, retuned for each", "1 worker", 50)],
    ...[
      run("adam, retuned for each", "16 constant", 500),
      run("adam, retuned for each", "16 random", null, 0.7),
    ],
  ];

  it("compare with the best expert of each setting, and call a loss at chance diverged", () => {
    const [own, sgd, adam] = againstExpert([problem], runs).rows;
    // asynchronous: √(800/400 · 400/400); one worker: 200/50
    expect(own).toEqual(["own", "1.41", "1.41", "4.00", "0 of 3"]);
    expect(sgd).toEqual(["sgd, retuned for each", "1.00", "1.00", "2.00", "0 of 3"]);
    // √(500/400 · 1000/400), the missed target counted as the whole run
    expect(adam).toEqual(["adam, retuned for each", "1.77", "1.77", "1.00", "1 of 3"]);
  });

  it("say in short what the rules without anything to tune cost", () => {
    const named = runs.map((run) =>
      run.contender === "own" ? { ...run, contender: "yellowfin, closed loop (default)" } : run,
    );
    const rivals = [
      run("yellowfin, published loop", "16 constant", null),
      run("yellowfin, published loop", "16 random", 500),
    ];
    const { rows } = inShort([problem], [...named, ...rivals]);
    const values = (place: number) => rows[place].slice(1);
    expect(values(0)).toEqual(["1.41", ""]);
    // √(800/1000 · 400/500)
    expect(values(1)).toEqual(["0.80", ""]);
    // 200/50, and 400/200
    expect(values(5)).toEqual(["4.00", ""]);
    expect(rows[6][1]).toBe("2.00");
  });

  it("show the median accuracy with each number of workers", () => {
    expect(accuracies(problem, runs).rows[0]).toEqual(["own", "75.00", "75.00", "75.00"]);
  });

  it("multiply updates to the target by seconds per update", () => {
    const hardware = [
      { problem: "sums", workers: 1, microsecondsPerUpdate: 100 },
      { problem: "sums", workers: 16, microsecondsPerUpdate: 60 },
    ];
    expect(efficiencies([problem], runs, hardware, "own").rows).toEqual([
      ["sums", "1", "1.00", "1.00", "1.00"],
      ["sums", "16", "2.00", "0.60", "1.20"],
    ]);
  });

  it("show each problem's updates and what was missed", () => {
    expect(updatesToTarget(problem, runs).rows[2]).toEqual([
      "adam, retuned for each",
      "50 / –",
      "500 / –",
      "– / –, 1 diverged",
      "75.00",
    ]);
  });
});
