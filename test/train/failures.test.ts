/** Threads that fail, what a run does about them, and what is left of it afterwards. */
import { execFile } from "node:child_process";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { CheckpointFolder } from "../../src/checkpoint/checkpoint-folder.ts";
import { orderedModes } from "../../src/schedule/create-schedule.ts";
import { orderStride, type RecordedOrder } from "../../src/schedule/replay.ts";
import { train } from "../../src/train.ts";
import { temporaryFolder } from "../data/folder.ts";
import { runFaulty } from "./fault.ts";
import type { Fault } from "./fault-description.ts";
import { blobSplit } from "./tiny.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const atGradient = {
  how: ["throws"],
  where: "gradient",
  ranks: [0, 1, 2],
  lives: 1,
  skip: [5, 5],
} as const satisfies Fault;

/** Minibatches behind the updates of a run that recorded its order, sorted. */
function minibatches({ order }: { readonly order: RecordedOrder | null }): number[] {
  const entries = Array.from(order?.entries ?? []);
  return entries.filter((_, i) => i % orderStride === 2).toSorted((a, b) => a - b);
}

/** Of two threads each makes so few minibatches and dies, before the run comes to its end. */
const short = { maxUpdates: 60, workers: 2 } as const;

const cleanRuns = new Map<string, ReturnType<typeof runFaulty>>();

/** A deterministic run of that mode that nothing happens to. */
function cleanRun(mode: string): ReturnType<typeof runFaulty> {
  const run = cleanRuns.get(mode) ?? runFaulty(deterministic(mode), null);
  cleanRuns.set(mode, run);
  return run;
}

const deterministic = (mode: string) =>
  mode === "serial" ? { ...short, mode, workers: 1 } : { ...short, mode, simulateWorkers: 4 };

const firstIntegers = (length: number) => Array.from({ length }, (_, i) => i);

describe("a worker thread", () => {
  it.each([
    ["throws", /out of luck$/],
    ["throws uncaught", /out of luck$/],
    ["exits", /exited with code: 7$/],
    ["runs out of heap", /memory limit/],
    ["stalls", /no sign of life/],
  ] as const)(
    "that %s is replaced, and every minibatch makes one update all the same",
    async (how, reason) => {
      // Only the one that stalls has to be waited for.
      const stallAfterSeconds = how === "stalls" ? 2 : 60;
      // What is not caught may end the thread within its update, of which there would be no record.
      const record = how !== "throws uncaught";
      const run = await runFaulty({ ...short, record, stallAfterSeconds }, { ...atGradient, how: [how] });
      expect(run.progress).toMatchObject({ updates: 60 });
      if (record) expect(minibatches(run)).toEqual(firstIntegers(60));
      // First lives alone can make no more than 10 updates.
      expect(run.faults.length).toBeGreaterThan(0);
      expect(run.progress.faults).toBe(run.faults.length);
      expect(run.faults[0].text).toMatch(/^worker [012] failed at update [\d,]+ and is replaced: /);
      expect(run.faults[0].text).toMatch(reason);
    },
  );

  it.each(["before the update", "after the update"] as const)(
    "that dies %s, in the gate and with the lock, leaves neither shut, and its minibatch is used once",
    async (where) => {
      for (const mode of ["hogwild", "locked"] as const) {
        const run = await runFaulty({ ...short, mode }, { ...atGradient, how: ["exits"], where });
        expect(run.progress).toMatchObject({ updates: 60, examples: 60 * 16 });
        expect(run.faults.length).toBeGreaterThan(0);
      }
    },
  );

  it("that dies with a gradient in flight lets others on whose staleness is bounded by waiting", async () => {
    const bound = { ...short, maxStaleness: 1, onStale: "wait", record: true };
    const run = await runFaulty(bound, { ...atGradient, how: ["exits"] });
    expect(minibatches(run)).toEqual(firstIntegers(60));
    expect(run.faults.length).toBeGreaterThan(0);
  });

  it.each(["serial", ...orderedModes] as const)(
    "that dies between two updates changes no bit of mode %s",
    async (mode) => {
      const clean = await cleanRun(mode);
      const faulty = await runFaulty(deterministic(mode), {
        ...atGradient,
        lives: mode === "serial" ? 2 : 1,
      });
      expect(faulty.parameters).toEqual(clean.parameters);
      expect(faulty.progress.stalenessCounts).toEqual(clean.progress.stalenessCounts);
      expect(faulty.faults.length).toBeGreaterThan(0);
    },
  );

  it.each(["serial", "random-worker"] as const)(
    "that dies within an update has mode %s go back, and changes no bit",
    async (mode) => {
      const clean = await cleanRun(mode);
      const faulty = await runFaulty(deterministic(mode), { ...atGradient, where: "after the update" });
      expect(faulty.parameters).toEqual(clean.parameters);
      expect(faulty.progress.stalenessCounts).toEqual(clean.progress.stalenessCounts);
      expect(faulty.wentBack[0].text).toMatch(/^went back from update [\d,]+ to 0$/);
      expect(faulty.rollbacks).toBe(0);
    },
  );

  it.each([
    { mode: "serial", workers: 1 },
    { mode: "hogwild", workers: 1 },
    { mode: "hogwild", record: true },
    { mode: "random-worker", simulateWorkers: 4 },
  ])(
    "that dies within an update ends a run whose bits are promised, if it keeps no good state: %o",
    async (options) => {
      const failure = runFaulty(
        { ...short, ...options, maxRollbacks: 0 },
        { ...atGradient, where: "after the update" },
      );
      await expect(failure).rejects.toMatchObject({ code: "WORKER_FAILED" });
      await expect(failure).rejects.toThrow(
        /^Cannot continue training: a worker died during an update, so this deterministic run cannot continue \(worker \d at update \d+\) \(got "out of luck"\)$/,
      );
    },
  );
});

describe("a run", () => {
  it("ends when a worker fails again and again, with its rank and update and the reason in the message", async () => {
    const hopeless = { ...atGradient, ranks: [1], lives: 99, skip: [0, 0] } as const;
    const failure = runFaulty({ workers: 2, maxUpdates: 1e9 }, hopeless);
    await expect(failure).rejects.toMatchObject({ code: "WORKER_FAILED", details: { rank: 1 } });
    await expect(failure).rejects.toThrow(
      /^Cannot continue training: no worker may fail 3 times without an update in between \(worker 1 at update \d+\) \(got "out of luck"\)$/,
    );
  });

  it("ends when there are more faults than it is to survive", async () => {
    const endless = { workers: 2, maxUpdates: 1e9 };
    await expect(runFaulty({ ...endless, maxFaults: 0 }, atGradient)).rejects.toThrow(
      /^Cannot continue training: no worker may fail within 60 s \(worker \d at update \d+\)/,
    );
    await expect(runFaulty({ ...endless, maxFaults: 2 }, { ...atGradient, lives: 99 })).rejects.toThrow(
      /^Cannot continue training: workers may fail 2 times within 60 s \(worker \d at update \d+\)/,
    );
  });

  it("that ends for too many faults leaves a checkpoint, from which it is resumed to its end with every minibatch used once", async () => {
    const checkpointDir = dirname(temporaryFolder("too-many-faults")("x", ""));
    const options = { record: true, checkpointDir, maxUpdates: 300, workers: 2 };
    const failure = runFaulty({ ...options, maxFaults: 2 }, { ...atGradient, lives: 99 });
    await expect(failure).rejects.toMatchObject({ code: "WORKER_FAILED" });
    expect(new CheckpointFolder(checkpointDir).list()).toHaveLength(1);
    const base = { model: "mlp", data: blobSplit, batchSize: 16 } as const;
    const begun = Number.parseInt(basename(new CheckpointFolder(checkpointDir).list()[0]), 10);
    // Each thread made at most five before it failed, and the third failure was the end.
    expect(begun).toBeLessThan(300);
    const { order, summary } = await train({ ...base, ...options, resume: checkpointDir });
    expect(summary).toMatchObject({ updates: 300, epochs: (300 * 16) / 512, stopReason: "completed" });
    expect(minibatches({ order })).toEqual(firstIntegers(300));
  });

  it("leaves no thread behind, so that its process ends by itself", async () => {
    const program = `
      import { train } from "yf-async";
      const data = { train: { features: [[0, 1], [1, 0]], labels: [0, 1] } };
      const { summary } = await train({ model: "logistic", data, workers: 3, batchSize: 2, maxUpdates: 30 });
      const huge = { train: { features: [[3e38, -3e38], [-3e38, 3e38]], labels: [0, 1] } };
      const failed = await train({ model: "logistic", data: huge, workers: 3, batchSize: 2, epochs: 1 })
        .catch((error) => error.code);
      process.stdout.write(summary.updates + " " + failed);
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", program],
      {
        cwd: root,
        timeout: 60_000,
      },
    );
    expect(stdout).toBe("30 NON_FINITE");
  }, 70_000);
});
