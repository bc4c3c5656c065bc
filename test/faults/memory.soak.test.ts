/** Training for half an hour in one process, run after run and then in one long run: what of the process grows. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { medianInPlace } from "../../src/math/median.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobSplit } from "../train/tiny.ts";
import { countFrom, keepFigures } from "./figures.ts";

/** Half of it goes to each of the two. */
const minutes = countFrom("YF_SOAK_MINUTES", 30);
const samplesWanted = 120;
/**
 * What it may grow by, by a line through the samples from the first to the last: MiB in one run, KiB for each thread that was
 * started run after run. Measured, 85 KiB for good: koffi 3 frees nothing of a thread that ends, neither its types (24 KiB, 75
 * without `koffi.reset()`) nor the stack and heap that it runs native code on (2 and 1 MiB of addresses, of which a run touches
 * 43 KiB). A thread that computes without koffi leaves about 1 KiB; one that is not ended keeps several MiB.
 */
const most = { longRunMiB: 16, threadKiB: 128 };

const folder = mkdtempSync(join(tmpdir(), "yf-async-soak-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Sample {
  readonly seconds: number;
  readonly rssMiB: number;
  /** What keeps the event loop busy, timers aside: the test runner has some that come and go. */
  readonly handles: number;
  /** Threads and open files of the process as Linux counts them; null elsewhere. */
  readonly threads: number | null;
  readonly files: number | null;
}

const began = performance.now();

function sample(): Sample {
  collectGarbage();
  const onLinux = existsSync("/proc/self/status");
  const threads = onLinux ? /^Threads:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] : null;
  return {
    seconds: (performance.now() - began) / 1000,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    handles: process.getActiveResourcesInfo().filter((kind) => !/Timeout|Immediate/.test(kind)).length,
    threads: threads == null ? null : Number(threads),
    files: onLinux ? readdirSync("/proc/self/fd").length : null,
  };
}

/** Rise of a line through the points from the first x to the last: the median of all slopes (Theil and Sen), which no outlier moves. */
function rise(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes = Float64Array.from(
    points.flatMap(([x, y], i) => points.slice(i + 1).map(([u, v]) => (v - y) / (u - x))),
  );
  return medianInPlace(slopes, slopes.length) * ((points.at(-1)?.[0] ?? 0) - points[0][0]);
}

/** Later samples may not have more of what must not be left behind than those at the beginning. */
function expectNoMore(samples: readonly Sample[], what: "handles" | "threads" | "files"): void {
  const counts = samples.map((one) => one[what] ?? 0);
  const quarter = Math.ceil(counts.length / 4);
  const [early, late] = [counts.slice(0, quarter), counts.slice(-quarter)].map((part) => Math.max(...part));
  expect(late, what).toBeLessThanOrEqual(early);
}

const options = {
  model: "mlp",
  data: blobSplit,
  batchSize: 16,
  checkpointEverySeconds: 0.2,
  keepCheckpoints: 2,
} as const satisfies TrainOptions;
const modes = ["hogwild", "locked", "serial", "sync", "random-worker"] as const;
const rounded = (value: number) => Math.round(100 * value) / 100;

describe("a process that trains for a long time", () => {
  const phaseMs = 30_000 * minutes;

  it("run after run has no more threads, handles and files in the end, and hardly more memory", async () => {
    let runs = 0;
    let threads = 0;
    const oneRun = async () => {
      const mode = modes[runs % modes.length];
      const workers = mode === "serial" ? 1 : 4;
      const checkpointDir = join(folder, `${runs++}`);
      const { model } = await train({
        ...options,
        mode,
        workers,
        seed: runs,
        maxUpdates: 200,
        checkpointDir,
      });
      model.dispose();
      rmSync(checkpointDir, { recursive: true });
      threads += workers;
    };
    const deadline = performance.now() + phaseMs;
    // The first runs load modules and let the allocators grow to their size.
    for (let i = 0; i < 20; i++) await oneRun();
    const taken: (Sample & { readonly threadsStarted: number })[] = [];
    const everyMs = phaseMs / samplesWanted;
    for (let next = 0; performance.now() < deadline; ) {
      await oneRun();
      if (performance.now() < next) continue;
      next = performance.now() + everyMs;
      taken.push({ ...sample(), threadsStarted: threads });
    }
    const grownMiB = rise(taken.map(({ rssMiB, threadsStarted }) => [threadsStarted, rssMiB]));
    const started = threads - taken[0].threadsStarted;
    const counts = {
      runs,
      threads,
      samples: taken.length,
      first: taken[0],
      last: taken.at(-1),
      grownMiB: rounded(grownMiB),
      threadKiB: rounded((1024 * grownMiB) / started),
    };
    keepFigures(
      "soak: run after run",
      { minutes: minutes / 2, ...options, data: "blobs", modes, most },
      counts,
    );
    for (const what of ["handles", "threads", "files"] as const) expectNoMore(taken, what);
    expect(counts.threadKiB).toBeLessThan(most.threadKiB);
  });

  it("in one run keeps its memory, threads, handles and files", async () => {
    const taken: Sample[] = [];
    const everyMs = phaseMs / samplesWanted;
    let next = performance.now() + phaseMs / 10;
    const { summary } = await train({
      ...options,
      data: "mnist",
      workers: 2,
      maxSeconds: phaseMs / 1000,
      evalEverySeconds: 5,
      checkpointEverySeconds: 1,
      checkpointDir: join(folder, "long"),
      callbacks: {
        onYield() {
          if (performance.now() < next) return;
          next = performance.now() + everyMs;
          taken.push(sample());
        },
      },
    });
    expect(summary.stopReason).toBe("time");
    const grownMiB = rise(taken.map(({ rssMiB, seconds }) => [seconds, rssMiB]));
    const counts = {
      updates: summary.updates,
      samples: taken.length,
      first: taken[0],
      last: taken.at(-1),
      grownMiB: rounded(grownMiB),
    };
    const parameters = { minutes: minutes / 2, model: "mlp", data: "mnist", workers: 2, most };
    keepFigures("soak: one run", parameters, counts);
    for (const what of ["handles", "threads", "files"] as const) expectNoMore(taken, what);
    expect(grownMiB).toBeLessThan(most.longRunMiB);
  });
});
