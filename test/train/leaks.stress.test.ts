import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobSplit } from "./tiny.ts";

const run = (options: Omit<TrainOptions<"mlp">, "model">) =>
  train({ model: "mlp", data: blobSplit, batchSize: 16, maxUpdates: 100, ...options });

/** What keeps the process busy, timers aside: the test runner has some that come and go. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== "Timeout" && kind !== "Immediate")
    .toSorted();

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** MiB of the process once JavaScript's own garbage is gone. */
async function residentMiB(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

describe("many runs in one process", () => {
  it("leave no thread, handle or memory behind", async () => {
    const modes = ["hogwild", "locked", "serial", "sync", "random-worker"] as const;
    const before = resources();
    const each = async (i: number) => {
      const mode = modes[i % modes.length];
      const { model } = await run({ mode, workers: mode === "serial" ? 1 : 4, seed: i });
      model.dispose();
    };
    // The first runs load modules and let the allocators grow to their size.
    for (let i = 0; i < 20; i++) await each(i);
    const warm = await residentMiB();
    const runs = 60;
    for (let i = 0; i < runs; i++) await each(i);
    const grown = (await residentMiB()) - warm;
    console.log(JSON.stringify({ runs, warmMiB: Math.round(warm), grownMiB: Math.round(grown) }));
    expect(resources()).toEqual(before);
    // Starting a thread costs some 40 KiB for good, for what koffi keeps; a lost thread would be 8 MiB.
    expect(grown).toBeLessThan(runs);
  });

  it("that are aborted at any moment leave none either", async () => {
    const before = resources();
    for (let delayMs = 0; delayMs < 400; delayMs += 10) {
      const { summary } = await run({
        workers: 4,
        maxUpdates: 1_000_000,
        signal: AbortSignal.timeout(delayMs),
      });
      expect(summary.stopReason).toBe("aborted");
    }
    expect(resources()).toEqual(before);
  });
});
