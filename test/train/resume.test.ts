/** Runs that are stopped and go on: what they come to, and what is refused. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { CheckpointFolder } from "../../src/checkpoint/checkpoint-folder.ts";
import { RunControl } from "../../src/run/run-control.ts";
import { orderedModes } from "../../src/schedule/create-schedule.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, type TrainResult, train } from "../../src/train.ts";
import { temporaryFolder } from "../data/folder.ts";
import { blobSplit } from "./tiny.ts";

const root = dirname(temporaryFolder("resume")("x", ""));

const base = { model: "mlp", data: blobSplit, batchSize: 256 } as const satisfies TrainOptions;

type Options = Omit<TrainOptions<"mlp">, "model">;

/** Other options, and why they are those of another run. */
type Refusal = readonly [Omit<TrainOptions, "model"> & { readonly model?: "logistic" }, string];

/** Stops of a run at most; each costs the start of its threads. */
const mostStops = 3;

/** A run that is stopped whenever it has made some updates; and how often that was. */
async function stopAgainAndAgain(
  name: string,
  options: Options,
): Promise<{ result: TrainResult; stops: number }> {
  const checkpointDir = join(root, name);
  rmSync(checkpointDir, { recursive: true, force: true });
  for (let stops = 0; ; stops++) {
    const user = new AbortController();
    let begun: number | null = null;
    const result = await train({
      ...base,
      ...options,
      checkpointDir,
      ...(stops === 0 ? {} : { resume: checkpointDir }),
      signal: user.signal,
      callbacks: {
        onYield({ updates }) {
          begun ??= updates;
          if (stops < mostStops && updates > begun) user.abort();
        },
      },
    });
    if (result.summary.stopReason !== "aborted") return { result, stops };
  }
}

const bits = ({ model, summary }: TrainResult<"mlp"> | TrainResult) => ({
  weights: readWeights(model as TrainResult<"mlp">["model"]).flat,
  staleness: summary.staleness,
  updates: summary.updates,
  testLoss: summary.testLoss,
});

const deterministic: readonly Options[] = [
  { mode: "serial" },
  { mode: "hogwild", workers: 1 },
  ...orderedModes.map((mode) => ({ mode, workers: 2, simulateWorkers: 5 })),
  { mode: "round-robin", workers: 2, simulateWorkers: 5, optimizer: "auto" },
  { mode: "random-worker", workers: 2, simulateWorkers: 5, optimizer: "adam", schedule: "cosine" },
  { mode: "serial", momentumEstimator: "regression", loop: "feedback" },
];

describe("a run that is stopped and goes on", () => {
  it.each(deterministic)(
    "ends with the same bits as one that was never stopped: %o",
    async (given) => {
      // One thread makes so many updates in the time of a few stops.
      const options = { ...given, maxUpdates: given.workers === 2 ? 3000 : 6000 };
      const whole = await train({ ...base, ...options });
      const { result, stops } = await stopAgainAndAgain("bits", options);
      expect(bits(result), `stopped ${stops} times`).toEqual(bits(whole));
      expect(stops).toBeGreaterThan(0);
      expect(result.lossCurve).toEqual(whole.lossCurve);
    },
    120_000,
  );

  it("ends with the same bits when it replays a recorded order", async () => {
    const options = { workers: 3, maxUpdates: 3000 } as const;
    const { order } = await train({ ...base, ...options, record: true });
    const whole = await train({ ...base, ...options, order });
    const { result } = await stopAgainAndAgain("replay", { ...options, order });
    expect(bits(result)).toEqual(bits(whole));
  }, 60_000);

  it("uses each minibatch once where threads run free", async () => {
    const options = { workers: 4, record: true, maxUpdates: 3000 } as const;
    const { result, stops } = await stopAgainAndAgain("free", options);
    const { entries } = result.order as NonNullable<TrainResult["order"]>;
    const minibatches = Array.from({ length: 3000 }, (_, update) => entries[3 * update + 2]);
    expect(minibatches.sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(result.summary).toMatchObject({ updates: 3000, epochs: (3000 * 256) / 512 });
    expect(stops).toBeGreaterThan(0);
  }, 60_000);

  it("goes on for longer than it was meant to, in every mode", async () => {
    for (const mode of ["hogwild", "locked", "serial", ...orderedModes] as const) {
      const checkpointDir = join(root, `longer-${mode}`);
      const options = { ...base, mode, workers: mode === "serial" ? 1 : 2, checkpointDir } as const;
      await train({ ...options, maxUpdates: 30 });
      const { summary } = await train({ ...options, maxUpdates: 50, resume: checkpointDir });
      expect(summary, mode).toMatchObject({ updates: 50, stopReason: "completed" });
    }
  }, 60_000);

  it("remembers its evaluations: the best one counts, and patience goes on", async () => {
    const checkpointDir = join(root, "patience");
    const options = {
      ...base,
      workers: 1,
      checkpointDir,
      restoreBestWeights: true,
      evalEverySeconds: 0.05,
    } as const;
    const first = await train({ ...options, maxUpdates: 2000 });
    // Nothing is left to do, so that what comes back is what was kept.
    const second = await train({ ...options, maxUpdates: 2000, resume: checkpointDir });
    expect(second.summary.keptUpdates).toBe(first.summary.keptUpdates);
    expect(bits(second)).toEqual(bits(first));
  });
});

describe("checkpoints", () => {
  it("are written while the run goes on, and the newest ones stay", async () => {
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

  it("that cannot be written cost a warning, and the run goes on", async () => {
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
    [{ optimizer: "adam" }, 'optimizer must be as in its run, yellowfin (got "adam")'],
    [{ workers: 3 }, 'workers must be as in its run, 2 (got "3")'],
    [{ seed: 7 }, 'seed must be as in its run, 1 (got "7")'],
    [{ model: "logistic" }, 'model must be as in its run, mlp (got "logistic")'],
    [{ data: { train: blobSplit.test } }, "the data must be that of its run, 512 examples (got 100)"],
  ];
  it.each(refusals)("refuses another run: %o", async (other, reason) => {
    rmSync(checkpointDir, { recursive: true, force: true });
    await train(options);
    const begun: string[] = [];
    const callbacks = { onTrainBegin: () => begun.push("begun") };
    await expect(train({ ...options, ...other, callbacks, resume: checkpointDir })).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringContaining(reason),
    });
    expect(begun).toEqual([]);
  });

  it("goes on with data in a file that lies elsewhere by now, but not with a file of another name", async () => {
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
