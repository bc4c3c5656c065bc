/** Runs whose model diverges: they go back to a good state, with half the learning rate, and not for ever. */
import { describe, expect, it } from "vitest";
import { runFaulty } from "./fault.ts";
import type { Fault } from "./fault-description.ts";

const spoilt = {
  how: ["spoils the model"],
  where: "before the update",
  ranks: [0, 1, 2],
  lives: 1,
  skip: [10, 10],
} as const satisfies Fault;

const sgd = { optimizer: "sgd", learningRate: 0.1 };

describe("a run whose model is not finite any more", () => {
  it.each([
    { mode: "hogwild" },
    { mode: "locked" },
    { mode: "serial", workers: 1 },
    { mode: "random-worker", workers: 2, simulateWorkers: 4 },
  ])("goes back, takes half the learning rate, and comes to its end: %o", async (options) => {
    const run = await runFaulty({ ...sgd, ...options }, spoilt);
    expect(run.progress).toMatchObject({ updates: 300, examples: 300 * 16, faults: 0 });
    expect(run.rollbacks).toBeGreaterThan(0);
    expect(run.progress.learningRate).toBe(0.1 * 0.5 ** run.rollbacks);
    expect(run.parameters.every(Number.isFinite)).toBe(true);
    expect(run.wentBack).toHaveLength(run.rollbacks);
    expect(run.wentBack[0].text).toMatch(
      /^went back from update [\d,]+ to 0, with half the learning rate \(1 of 3\): Cannot continue training: loss and gradient must be finite /,
    );
  });

  it("gives up after so many times as it may go back, with the reason", async () => {
    await expect(runFaulty({ ...sgd, maxRollbacks: 2 }, { ...spoilt, lives: 99 })).rejects.toMatchObject({
      code: "NON_FINITE",
    });
    await expect(runFaulty({ ...sgd, maxRollbacks: 0 }, spoilt)).rejects.toMatchObject({
      code: "NON_FINITE",
    });
  });

  it("ends if its order is recorded, in which the other learning rate would not be", async () => {
    await expect(runFaulty({ ...sgd, record: true }, spoilt)).rejects.toMatchObject({ code: "NON_FINITE" });
  });
});

describe("a run whose loss is far above what it was", () => {
  it("goes back, too", async () => {
    const blownUp = { ...spoilt, how: ["blows the model up"], skip: [2000, 2000] } as const;
    const endless = { ...sgd, learningRate: 1e-9, maxUpdates: 1e9, maxSeconds: 30 };
    const run = await runFaulty(endless, blownUp, ({ learningRate }, _, abort) => {
      if (learningRate < 1e-9) abort();
    });
    expect(run.stopReason).toBe("aborted");
    expect(run.wentBack[0].text).toMatch(/: Cannot continue training: the mean loss must stay below /);
  });
});
