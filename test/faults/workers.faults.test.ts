/** Threads that are ended, or fail, again and again: what comes of their run. */
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { runFaulty } from "../train/fault.ts";
import type { Fault } from "../train/fault-description.ts";
import { countFrom, keepFigures } from "./figures.ts";

/** Faults of each kind. */
const faults = countFrom("YF_FAULTS", 60);
const workers = 3;
const base = { data: "mnist", batchSize: 32, workers, maxFaults: 1_000_000, maxUpdates: 6000 } as const;

type Outcome = Awaited<ReturnType<typeof runFaulty>>;

const accuracyOf = ({ progress }: Outcome) => progress.evaluation?.accuracy ?? Number.NaN;

/** Runs until there were enough faults, with a seed of its own each time. @param watch Gives each run its `onYield`. */
async function runsWith(
  fault: Fault | null,
  most: number,
  watch: () => Parameters<typeof runFaulty>[2] = () => undefined,
  options: Readonly<Record<string, unknown>> = {},
): Promise<{ count: number; accuracies: number[] }> {
  const accuracies: number[] = [];
  let count = 0;
  for (let seed = 1; count < most; seed++) {
    const run = await runFaulty({ ...base, ...options, seed }, fault, watch());
    expect(run.stopReason).toBe("completed");
    // Of what was claimed at the moment of a death within an update, up to one minibatch may be lost or used again.
    expect(Math.abs(run.progress.updates - base.maxUpdates)).toBeLessThanOrEqual(run.progress.faults);
    expect(run.faults.length).toBe(run.progress.faults);
    count += run.progress.faults + run.progress.skippedGradients;
    accuracies.push(accuracyOf(run));
  }
  return { count, accuracies };
}

const clean: number[] = [];
beforeAll(async () => {
  for (const seed of [1, 2, 3]) clean.push(accuracyOf(await runFaulty({ ...base, seed }, null)));
}, 600_000);

/** Accuracy may differ by what runs of other seeds differ by, and a little more. */
function expectNoise(accuracies: readonly number[]): void {
  expect(Math.min(...accuracies)).toBeGreaterThan(Math.min(...clean) - 0.01);
}

describe("a run whose threads", () => {
  it("are ended from outside every few hundred milliseconds trains on, and as well", async () => {
    const random = createRandom(1);
    const { accuracies, count } = await runsWith(null, faults, () => {
      let before: readonly number[] = [];
      let looks = 0;
      return ({ workerUpdates }, pool) => {
        if (++looks % 2 !== 0) return;
        // Only one that has made an update since the last time: threads that never come to any are another matter.
        const alive = workerUpdates.flatMap((made, rank) => (made > (before[rank] ?? 0) ? [rank] : []));
        if (alive.length === 0) return;
        const victim = alive[Math.floor(random() * alive.length)];
        before = workerUpdates.map((made, rank) => (rank === victim ? made : (before[rank] ?? 0)));
        void pool.end(victim);
      };
    });
    keepFigures("threads ended at random", { ...base, seed: 1 }, { faults: count, accuracies, clean });
    expectNoise(accuracies);
  });

  it("throw, exit, and are out of heap, at random and within updates too, trains on, and as well", async () => {
    const how = ["throws", "throws uncaught", "exits", "throws", "exits", "runs out of heap"] as const;
    for (const where of ["gradient", "before the update", "after the update"] as const) {
      const fault = { how, where, ranks: [0, 1, 2], lives: 1_000_000, skip: [50, 400] } as const;
      const { accuracies, count } = await runsWith(fault, Math.ceil(faults / 3));
      keepFigures(`threads that fail: ${where}`, { ...base, ...fault }, { faults: count, accuracies, clean });
      expectNoise(accuracies);
    }
  });

  it("stall is rid of them", async () => {
    const fault = { how: ["stalls"], where: "gradient", ranks: [0, 1], lives: 2, skip: [50, 400] } as const;
    const { accuracies, count } = await runsWith(fault, 4, undefined, { stallAfterSeconds: 2 });
    keepFigures("threads that stall", { ...base, ...fault }, { faults: count, accuracies, clean });
    expectNoise(accuracies);
  });

  it("give gradients that are not finite skips them, and trains as well", async () => {
    const fault = {
      how: ["gives NaN"],
      where: "gradient",
      ranks: [0, 1, 2],
      lives: 1,
      skip: [5, 60],
    } as const;
    const accuracies: number[] = [];
    let skipped = 0;
    for (let seed = 1; skipped < 3 * faults; seed++) {
      const run = await runFaulty({ ...base, seed }, fault);
      expect(run.progress.updates + run.progress.skippedGradients).toBe(base.maxUpdates);
      expect(run.progress.faults).toBe(0);
      skipped += run.progress.skippedGradients;
      accuracies.push(accuracyOf(run));
    }
    keepFigures("gradients that are not finite", { ...base, ...fault }, { skipped, accuracies, clean });
    expectNoise(accuracies);
  });
});
