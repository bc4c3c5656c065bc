import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import koffi from "koffi";
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

/** Takes JavaScript's own garbage away. */
async function tidyUp(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** MiB of the process. */
async function residentMiB(): Promise<number> {
  await tidyUp();
  return process.memoryUsage.rss() / 2 ** 20;
}

/** KiB that glibc has given out and not got back, exact where the size of the process is not; null on other systems. */
function glibcKiB(): number | null {
  try {
    const fields = ["arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks"];
    const mallinfo = koffi.struct(
      Object.fromEntries([...fields, "fordblks", "keepcost"].map((name) => [name, "size_t"])),
    );
    const { hblkhd, uordblks } = koffi.load("libc.so.6").func("mallinfo2", mallinfo, [])();
    return (Number(uordblks) + Number(hblkhd)) / 1024;
  } catch {
    return null;
  }
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
    // 204 threads leave 85 KiB each (test/faults/memory.soak.test.ts says what of), and allocators still grow; a lost thread
    // would be 8 MiB.
    expect(grown).toBeLessThan(0.75 * runs);
  });

  it.skipIf(glibcKiB() === null)(
    "leave less than 40 KiB of allocated memory for each thread that glibc counts",
    async () => {
      const workers = 4;
      const runs = 30;
      const each = async () => (await run({ workers, seed: 1 })).model.dispose();
      for (let i = 0; i < 10; i++) await each();
      await tidyUp();
      const before = glibcKiB() as number;
      for (let i = 0; i < runs; i++) await each();
      await tidyUp();
      const threadKiB = ((glibcKiB() as number) - before) / (runs * workers);
      console.log(JSON.stringify({ runs, workers, threadKiB: Math.round(threadKiB) }));
      // 24 of them are koffi's for a thread that has loaded it; with all signatures of a thread it would be 75.
      expect(threadKiB).toBeLessThan(40);
    },
  );

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
