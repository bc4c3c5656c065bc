import { describe, expect, it } from "vitest";
import { createController } from "../../src/tuner/create-controller.ts";
import { rateFactor } from "../../src/tuner/rate-schedule.ts";

const observation = {
  alignment: 0,
  squaredDirection: 0,
  squaredNorm: 1,
  meanSquaredNorm: 1,
  loss: 1,
  staleness: 0,
  totalMomentum: Number.NaN,
};

describe("rateFactor()", () => {
  it("falls along half a cosine and never to 0", () => {
    const cosine = { kind: "cosine", totalUpdates: 6 } as const;
    // ½(1 + cos(0, 60°, 90°)) is 1, ¾, ½.
    expect([0, 2, 3].map((t) => rateFactor(cosine, t))).toEqual([
      1,
      expect.closeTo(0.75, 12),
      expect.closeTo(0.5, 12),
    ]);
    expect(rateFactor(cosine, 1000)).toBe(rateFactor(cosine, 5));
    expect(rateFactor(cosine, 5)).toBeGreaterThan(0);
  });

  it("is multiplied after so many updates, which need not be a whole number", () => {
    const steps = { kind: "steps", decay: 0.5, every: 2.5 } as const;
    expect([0, 1, 2, 3, 4, 5].map((t) => rateFactor(steps, t))).toEqual([1, 1, 1, 0.5, 0.5, 0.25]);
    expect(rateFactor({ ...steps, decay: 0.1 }, 1e6)).toBeGreaterThan(0);
  });
});

describe.each(["sgd", "yellowfin", "dog"] as const)("%s with a schedule", (optimizer) => {
  it("has its own learning rate times the factor, and everything else as it was", () => {
    const settings = {
      optimizer,
      loop: "corrected",
      backOff: true,
      learningRateFactor: 2,
      initialNorm: 1,
    } as const;
    const rateSchedule = { kind: "steps", decay: 0.5, every: 10 } as const;
    const [plain, scheduled] = [createController(settings), createController({ ...settings, rateSchedule })];
    const states = [plain.init(), scheduled.init()];
    expect(scheduled.start()).toEqual(plain.start());
    for (let t = 0; t < 40; t++) {
      const a = plain.update(states[0], { ...observation, squaredDistance: t });
      const b = scheduled.update(states[1], { ...observation, squaredDistance: t });
      const learningRate = a.hyperparameters.learningRate * 0.5 ** Math.floor(t / 10);
      expect(b).toEqual({ ...a, hyperparameters: { ...a.hyperparameters, learningRate } });
    }
  });
});
