/** What a summary says of the end of a run, and of runs that came to nothing. */
import { describe, expect, it } from "vitest";
import { train } from "../../src/train.ts";
import { blobSplit } from "./tiny.ts";

describe("the end of a run", () => {
  it("has the mean loss of its last updates, however short it was", async () => {
    const { lossCurve, summary } = await train({
      ...{ model: "mlp", data: blobSplit, mode: "serial", batchSize: 64, maxUpdates: 500 },
    });
    expect(lossCurve).toHaveLength(10);
    // A tenth of 500 updates are the last 50, one point of the curve; the first ones had a far larger loss.
    expect(summary.trainLoss).toBe(lossCurve[9]);
    expect(lossCurve[0]).toBeGreaterThan(2 * lossCurve[9]);
  });

  it("is told where features were far too large for the learning rate", async () => {
    const features = Array.from({ length: 64 }, (_, i) => [1000 + i]);
    const labels = features.map(([x]) => [2 * x - 1]);
    const run = train({
      ...{ model: "logistic", data: { train: { features, labels } }, loss: "meanSquaredError" },
      ...{
        workers: 2,
        batchSize: 16,
        optimizer: "sgd",
        learningRate: 0.01,
        maxUpdates: 200_000,
        maxRollbacks: 0,
      },
    });
    // The loss grows by (2·10⁶·0.01)² = 4·10⁸ a step, so it has no number any more after a few.
    await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/^(DIVERGED|NON_FINITE)$/) });
  });
});
