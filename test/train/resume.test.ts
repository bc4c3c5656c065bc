/** Runs that are stopped and resumed: what they come to, and what is refused. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { CheckpointFolder } from "../../src/checkpoint/checkpoint-folder.ts";
import { RunControl } from "../../src/run/run-control.ts";
import { type TrainOptions, type TrainResult, train } from "../../src/train.ts";
import { temporaryFolder } from "../data/folder.ts";
import { base, bits, expectSameBits, type Options, stopAgain } from "./stop-again.ts";
import { blobSplit } from "./tiny.ts";

const root = dirname(temporaryFolder("resume")("x", ""));

/** Other options, and why they are those of another run. */
type Refusal = readonly [Omit<TrainOptions, "model"> & { readonly model?: "logistic" }, string];

/** Each mode once; all of them, and stopped more often, in the stress tests. */
const deterministic: readonly Options[] = [
  { mode: "hogwild", workers: 1 },
  ...(["sync", "timed"] as const).map((mode) => ({ mode, workers: 2, simulateWorkers: 5 })),
  { mode: "round-robin", workers: 2, simulateWorkers: 5, optimizer: "auto" },
  { mode: "random-worker", workers: 2, simulateWorkers: 5, optimizer: "adam", schedule: "cosine" },
  { mode: "serial", optimizer: "yellowfin", momentumEstimator: "regression", loop: "feedback" },
];

describe("a run that is stopped and resumed", () => {
  it.each(deterministic)("ends with the same bits as one that was never stopped: %o", (options) =>
    expectSameBits(join(root, "bits"), options, 1),
  );

  it("ends with the same bits when it replays a recorded order", async () => {
    const options = { workers: 3, maxUpdates: 1500 } as const;
    const { order } = await train({ ...base, ...options, record: true });
    const whole = await train({ ...base, ...options, order });
    const { result } = await stopAgain(join(root, "replay"), { ...options, order }, 1);
    expect(bits(result)).toEqual(bits(whole));
  }, 60_000);

  it("uses each minibatch once where threads run free", async () => {
    const options = { workers: 4, record: true, maxUpdates: 2000 } as const;
    const { result, stops } = await stopAgain(join(root, "free"), options, 2);
    const { entries } = result.order as NonNullable<TrainResult["order"]>;
    const minibatches = Array.from({ length: 2000 }, (_, update) => entries[3 * update + 2]);
    expect(minibatches.sort((a, b) => a - b)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(result.summary).toMatchObject({ updates: 2000, epochs: (2000 * 256) / 512 });
    expect(stops).toBeGreaterThan(0);
  }, 60_000);

  it("continues for longer than it was meant to", async () => {
    for (const mode of ["locked", "serial", "round-robin"] as const) {
      const checkpointDir = join(root, `longer-${mode}`);
      const options = { ...base, mode, workers: mode === "serial" ? 1 : 2, checkpointDir } as const;
      await train({ ...options, maxUpdates: 30 });
      const { summary } = await train({ ...options, maxUpdates: 50, resume: checkpointDir });
      expect(summary, mode).toMatchObject({ updates: 50, stopReason: "completed" });
    }
  }, 60_000);

  it("remembers its evaluations: the best one counts, and patience is counted on", async () => {
    const checkpointDir = join(root, "patience");
    const options = {
      ...base,
      workers: 1,
      checkpointDir,
      restoreBestWeights: true,
      evalEverySeconds: 0.05,
    } as const;
    const first = await train({ ...options, maxUpdates: 1000 });
    // Nothing is left to do, so that what comes back is what was kept.
    const second = await train({ ...options, maxUpdates: 1000, resume: checkpointDir });
    expect(second.summary.keptUpdates).toBe(first.summary.keptUpdates);
    expect(bits(second)).toEqual(bits(first));
  });
});

describe("checkpoints", () => {
  it("are written during the run, and the newest ones stay", async () => {
    const checkpointDir = join(root, "periodic");
    const user = new AbortController();
    const written: string[] = [];
    await train({
      ...base,
      workers: 2,
      maxUpdates: 1_000_000,
      checkpointDir,
      checkpointEverySeconds: 0.001,
      keepCheckpoints: 2,
      signal: user.signal,
      callbacks: {
        onEvent({ event, text }) {
          if (event === "checkpoint") written.push(text);
          if (written.length === 4) user.abort();
        },
      },
    });
    expect(written.length).toBeGreaterThan(4);
    expect(new CheckpointFolder(checkpointDir).list()).toHaveLength(2);
  });

  it("are written when they are asked for, paused or not, and go unanswered where none are written", async () => {
    const checkpointDir = join(root, "asked");
    const control = new RunControl();
    const user = new AbortController();
    const told: string[] = [];
    let updatesInPause = 0;
    const data = { train: blobSplit.train };
    const options = {
      ...base,
      data,
      workers: 2,
      maxUpdates: 1_000_000,
      control,
      signal: user.signal,
    } as const;
    await train({
      ...options,
      checkpointDir,
      callbacks: {
        onYield({ updates }) {
          if (told.length === 0 && updates > 0 && control.checkpointsAsked === 0) control.checkpoint();
        },
        onEvent({ event, updates }) {
          if (event === "data") return;
          told.push(event);
          if (event === "checkpoint" && told.length === 1) control.pause();
          if (event === "pause" && control.paused) {
            updatesInPause = updates;
            control.checkpoint();
          }
          if (event === "checkpoint" && told.length === 3) user.abort();
        },
      },
    });
    expect(told.slice(0, 3)).toEqual(["checkpoint", "pause", "checkpoint"]);
    expect(updatesInPause).toBeGreaterThan(0);
    expect(new CheckpointFolder(checkpointDir).list().length).toBeGreaterThan(1);

    control.resume();
    control.checkpoint();
    const { summary } = await train({ ...options, signal: undefined, maxUpdates: 20 });
    expect(summary.updates).toBe(20);
  });

  it("that cannot be written cost a warning, and the run continues", async () => {
    const checkpointDir = join(root, "gone");
    const user = new AbortController();
    const warnings: string[] = [];
    let updatesAfter = 0;
    await train({
      ...base,
      workers: 1,
      maxUpdates: 1_000_000,
      checkpointDir,
      checkpointEverySeconds: 0.001,
      signal: user.signal,
      callbacks: {
        onYield({ updates }) {
          rmSync(checkpointDir, { recursive: true, force: true });
          writeFileSync(checkpointDir, "");
          if (warnings.length < 2) return;
          updatesAfter = updates;
          user.abort();
        },
        onEvent: ({ event, text }) => event === "warning" && warnings.push(text),
      },
    });
    expect(updatesAfter).toBeGreaterThan(0);
    for (const warning of warnings) {
      expect(warning).toMatch(/^Cannot write .*; training continues, and the newest checkpoint is kept$/);
    }
  });
});

describe("resume", () => {
  const checkpointDir = join(root, "own");
  const options = { ...base, workers: 2, maxUpdates: 20, checkpointDir } as const;

  const refusals: readonly Refusal[] = [
    [{ optimizer: "adam" }, 'optimizer must be as in its run, auto (got "adam")'],
    [{ workers: 3 }, 'workers must be as in its run, 2 (got "3")'],
    [{ seed: 7 }, 'seed must be as in its run, 1 (got "7")'],
    [{ model: "logistic" }, 'model must be as in its run, mlp (got "logistic")'],
    [{ data: { train: blobSplit.test } }, "the data must be that of its run, 512 examples (got 100)"],
  ];
  it("refuses another run, before anything of it begins", async () => {
    rmSync(checkpointDir, { recursive: true, force: true });
    await train(options);
    const begun: string[] = [];
    const callbacks = { onTrainBegin: () => begun.push("begun") };
    for (const [other, reason] of refusals) {
      const refused = train({ ...options, ...other, callbacks, resume: checkpointDir });
      await expect(refused, reason).rejects.toMatchObject({
        code: "BAD_CHECKPOINT",
        message: expect.stringContaining(reason),
      });
    }
    expect(begun).toEqual([]);
  });

  it("resumes with data in a file that lies elsewhere by now, but not with a file of another name", async () => {
    const checkpointDir = join(root, "moved");
    const csv = (...path: string[]) => join(root, ...path) as `${string}.csv`;
    const [here, there, renamed] = [csv("a", "points.csv"), csv("b", "points.csv"), csv("b", "others.csv")];
    const table = Array.from({ length: 64 }, (_, i) => `${i % 4},${i % 3},${i % 2}`).join("\n");
    for (const file of [here, there, renamed]) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, table);
    }
    const run = { ...base, mode: "serial", checkpointDir } as const;
    await train({ ...run, data: here, maxUpdates: 10 });
    const onward = { ...run, maxUpdates: 20, resume: checkpointDir };
    await expect(train({ ...onward, data: renamed })).rejects.toThrow("data must be as in its run");
    const { summary } = await train({ ...onward, data: there });
    expect(summary.updates).toBe(20);
  });

  it("from an older checkpoint leaves the newer ones behind, which would be taken for states of this run", async () => {
    const checkpointDir = join(root, "older");
    const folder = new CheckpointFolder(checkpointDir);
    const run = { ...base, mode: "serial", checkpointDir } as const;
    const whole = await train({ ...run, maxUpdates: 60 });
    await train({ ...run, maxUpdates: 20, checkpointDir: join(root, "twenty") });
    const [twenty] = new CheckpointFolder(join(root, "twenty")).list();
    const older = join(checkpointDir, basename(twenty));
    copyFileSync(twenty, older);
    await train({ ...run, maxUpdates: 40, resume: older });
    expect(folder.list().map((file) => Number.parseInt(basename(file), 10))).toEqual([40, 20]);
    const result = await train({ ...run, maxUpdates: 60, resume: checkpointDir });
    expect(bits(result)).toEqual(bits(whole));
  });

  it("into a folder with checkpoints of another run is refused, and both stay", async () => {
    const [one, other] = ["one", "other"].map((name) => join(root, name));
    await train({ ...base, maxUpdates: 20, workers: 1, checkpointDir: one });
    await train({ ...base, maxUpdates: 30, workers: 1, checkpointDir: other });
    const failure = train({ ...base, maxUpdates: 40, workers: 1, checkpointDir: other, resume: one });
    await expect(failure).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    for (const folder of [one, other]) expect(new CheckpointFolder(folder).list()).toHaveLength(1);
  });
});
