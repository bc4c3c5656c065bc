import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { optimizers, usesBackOff } from "../../src/optimizers/optimizers.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { Observation } from "../../src/tuner/controller.ts";
import { type ControllerSettings, createController } from "../../src/tuner/create-controller.ts";
import { flattenState, stateLength, unflattenState } from "../../src/tuner/state-codec.ts";

const names = Object.keys(optimizers) as ControllerSettings["optimizer"][];
const all = names.flatMap((optimizer) =>
  [true, false].flatMap((backOff) =>
    (optimizer === "yellowfin" ? (["corrected", "feedback", "none"] as const) : (["corrected"] as const)).map(
      (loop): ControllerSettings => ({ optimizer, loop, backOff, learningRateFactor: 1 }),
    ),
  ),
);
for (const optimizer of ["yellowfin", "adam"] as const) {
  const rateSchedule = { kind: "cosine", totalUpdates: 200 } as const;
  all.push({ optimizer, loop: "corrected", backOff: true, learningRateFactor: 1, rateSchedule });
}

function observations(count: number, seed: number): Observation[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => ({
    squaredNorm: random() * 4,
    meanSquaredNorm: random() * 1e-3,
    loss: random(),
    staleness: Math.floor(16 * random()),
    totalMomentum: random() < 0.2 ? Number.NaN : random(),
    squaredDistance: random(),
    alignment: 0,
    squaredDirection: 0,
  }));
}

describe.each(all)("the controller of %o", (settings) => {
  it("continues from a flattened state as if it had never stopped, to the bit", () => {
    const controller = createController(settings);
    const one = controller.init();
    const other = controller.init();
    const row = new Float64Array(stateLength(one));
    for (const observation of observations(300, 1)) {
      const decided = controller.update(one, observation);
      flattenState(one, row);
      const again = createController(settings);
      const copy = again.init();
      unflattenState(row, copy);
      expect(controller.update(other, observation)).toEqual(decided);
      expect(copy).toEqual(one);
    }
  });

  it("gives finite hyperparameters in their bounds, whatever it observes", () => {
    const positive = fc.double({ min: 0, max: 1e200, noNaN: true });
    const observation = fc.record({
      squaredNorm: positive,
      meanSquaredNorm: positive,
      loss: fc.double(),
      staleness: fc.nat(1000),
      totalMomentum: fc.double(),
      squaredDistance: positive,
      alignment: fc.double({ min: -1e30, max: 1e30, noNaN: true }),
      squaredDirection: positive,
    });
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 60 }), (sequence) => {
        const controller = createController(settings);
        const state = controller.init();
        for (const item of sequence) {
          const { hyperparameters, telemetry } = controller.update(state, item);
          const { learningRate, momentum } = hyperparameters;
          const { targetMomentum } = telemetry;
          expect(learningRate > 0 && Number.isFinite(learningRate)).toBe(true);
          expect(momentum >= -0.9 && momentum <= 0.999).toBe(true);
          expect(targetMomentum >= -0.9 && targetMomentum <= 0.999).toBe(true);
        }
      }),
    );
  });

  it("multiplies the learning rate by learningRateFactor, from the first update on", () => {
    const [plain, doubled] = [1, 2].map((learningRateFactor) =>
      createController({ ...settings, learningRateFactor }),
    );
    const states = [plain.init(), doubled.init()];
    expect(doubled.start().hyperparameters.learningRate).toBeCloseTo(
      2 * plain.start().hyperparameters.learningRate,
      12,
    );
    for (const observation of observations(250, 2)) {
      const [a, b] = [plain.update(states[0], observation), doubled.update(states[1], observation)].map(
        ({ hyperparameters }) => hyperparameters,
      );
      expect(b.learningRate / a.learningRate).toBeCloseTo(2, 9);
      expect(b.momentum).toBe(a.momentum);
    }
  });
});

describe("createController()", () => {
  it("refuses rates and momenta out of their range", () => {
    const sgd = { optimizer: "momentum", loop: "corrected", backOff: false, learningRateFactor: 1 } as const;
    expect(() => createController({ ...sgd, learningRate: 0 })).toThrow(RangeError);
    expect(() => createController({ ...sgd, momentum: 1 })).toThrow(
      "momentum must be in [−0.9, 0.999] (got 1)",
    );
    expect(() =>
      createController({ ...sgd, optimizer: "yellowfin", learningRateFactor: Number.NaN }),
    ).toThrow(RangeError);
  });

  it("has the back-off on for the closed loop alone", () => {
    expect(usesBackOff("yellowfin", "corrected")).toBe(true);
    expect(usesBackOff("yellowfin", "none")).toBe(false);
    expect(usesBackOff("adam", "corrected")).toBe(false);
    for (const { loop, optimizer } of all) {
      const options = optimizer === "yellowfin" ? { optimizer, loop } : { optimizer };
      expect(resolveOptions(options, "library").spec.optimizer.backOff).toBe(usesBackOff(optimizer, loop));
    }
  });

  it("gives the step α/(1 − μ) where YellowFin has no momentum", () => {
    const settings = { loop: "none", backOff: false, learningRateFactor: 1 } as const;
    const yellowFin = createController({ ...settings, optimizer: "yellowfin" });
    const plain = createController({ ...settings, optimizer: "yellowfin-no-momentum" });
    const states = [yellowFin.init(), plain.init()];
    for (const observation of observations(300, 4)) {
      const { learningRate, momentum } = yellowFin.update(states[0], observation).hyperparameters;
      const step = plain.update(states[1], observation).hyperparameters;
      expect(step.momentum).toBe(0);
      expect(step.learningRate / (learningRate / (1 - momentum))).toBeCloseTo(1, 9);
    }
  });
});
