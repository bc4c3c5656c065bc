/** Deterministic runs of every mode, stopped three times. */
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { orderedModes } from "../../src/schedule/create-schedule.ts";
import { train } from "../../src/train.ts";
import { temporaryFolder } from "../data/folder.ts";
import { base, expectSameBits } from "./stop-again.ts";

const root = dirname(temporaryFolder("resume-stress")("x", ""));

it.each([
  { mode: "serial" },
  { mode: "hogwild", workers: 1 },
  ...orderedModes.map((mode) => ({ mode, workers: 2, simulateWorkers: 5 })),
  { mode: "round-robin", workers: 2, simulateWorkers: 5, optimizer: "auto" },
  { mode: "random-worker", workers: 2, simulateWorkers: 5, optimizer: "adam", schedule: "cosine" },
] as const)("a run ends with the same bits as one that was never stopped: %o", (options) =>
  expectSameBits(join(root, "bits"), options, 3),
);

it.each(["hogwild", "locked", "serial", ...orderedModes] as const)(
  "a run of mode %s continues for longer than it was meant to",
  async (mode) => {
    const checkpointDir = join(root, `longer-${mode}`);
    const options = { ...base, mode, workers: mode === "serial" ? 1 : 2, checkpointDir } as const;
    await train({ ...options, maxUpdates: 30 });
    const { summary } = await train({ ...options, maxUpdates: 50, resume: checkpointDir });
    expect(summary).toMatchObject({ updates: 50, stopReason: "completed" });
  },
);
