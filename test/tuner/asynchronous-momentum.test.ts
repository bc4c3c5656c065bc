import { describe, expect, it } from "vitest";
import { asynchronousMomentum, remainingMomentum } from "../../src/tuner/asynchronous-momentum.ts";
import type { Decision } from "../../src/tuner/controller.ts";
import { yellowFinController } from "../../src/tuner/yellowfin-controller.ts";

describe("asynchronousMomentum()", () => {
  it("is 1 − 1/M for the mean staleness M − 1 of M workers", () => {
    for (const M of [1, 2, 16, 256]) expect(asynchronousMomentum(M - 1)).toBeCloseTo(1 - 1 / M, 15);
  });
});

describe("remainingMomentum()", () => {
  it("is the target where nothing is stale, what is left of it, and never negative", () => {
    expect(remainingMomentum(0.9, 0)).toBe(0.9);
    // Four workers add 3/4.
    expect(remainingMomentum(0.9, 3)).toBeCloseTo(0.15, 15);
    expect(remainingMomentum(0.9, 15)).toBe(0);
  });
});

describe("the corrected loop", () => {
  /** What controllers with and without the loop decide after `updates` gradients of this staleness. */
  const decided = (staleness: number): Record<"corrected" | "none", Decision> => {
    const [corrected, none] = (["corrected", "none"] as const).map((loop) => {
      const controller = yellowFinController({ loop, learningRateFactor: 1, slowStart: 1 });
      const state = controller.init();
      let last: Decision = controller.start();
      for (let t = 0; t < 300; t++) {
        // A curvature that ranges over a factor of 900 asks for momentum ((30 − 1)/(30 + 1))² = .875.
        const squaredNorm = t % 2 === 0 ? 1 : 900;
        const observation = {
          squaredNorm,
          meanSquaredNorm: squaredNorm / 2,
          squaredDistance: 0,
          alignment: 0,
          squaredDirection: 0,
          loss: 1,
          staleness,
        };
        last = controller.update(state, { ...observation, totalMomentum: Number.NaN });
      }
      return last;
    });
    return { corrected, none };
  };

  it("changes nothing where nothing is stale", () => {
    const { corrected, none } = decided(0);
    expect(corrected).toEqual(none);
    expect(corrected.hyperparameters.momentum).toBeGreaterThan(0.5);
  });

  it("takes out what staleness adds and keeps the sum of the steps that one gradient makes", () => {
    for (const staleness of [1, 15]) {
      const { corrected, none } = decided(staleness);
      const { learningRate, momentum } = corrected.hyperparameters;
      const { targetMomentum } = corrected.telemetry;
      const alone = none.hyperparameters;
      expect(targetMomentum).toBe(alone.momentum);
      expect(momentum).toBeCloseTo(Math.max(0, targetMomentum - staleness / (1 + staleness)), 12);
      expect(learningRate / (1 - momentum) / (alone.learningRate / (1 - alone.momentum))).toBeCloseTo(1, 12);
    }
  });
});
