import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { totalMomentum } from "../../src/momentum-estimators/total-momentum.ts";
import { createController } from "../../src/tuner/create-controller.ts";
import { momentumFeedback } from "../../src/tuner/momentum-feedback.ts";

describe("momentumFeedback()", () => {
  it("moves the momentum by a hundredth of the gap, in its bounds", () => {
    expect(momentumFeedback(0.5, 0.9, 0.7)).toBeCloseTo(0.502, 12);
    // A measurement counts as at most 2: 0.5 + .01·(.9 − 2)
    expect(momentumFeedback(0.5, 0.9, 1e9)).toBeCloseTo(0.489, 12);
    expect(momentumFeedback(0.9985, 0.999, -2)).toBe(0.999);
    expect(momentumFeedback(-0.899, 0, 2)).toBe(-0.9);
  });

  it("holds still as long as nothing was measured", () => {
    expect(momentumFeedback(0.3, 0.9, Number.NaN)).toBe(0.3);
  });

  it("finds the algorithmic momentum that brings the total on target, negative where asynchrony adds more", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 0.8, noNaN: true }),
        (target, added) => {
          let momentum = 0;
          for (let t = 0; t < 2000; t++) momentum = momentumFeedback(momentum, target, momentum + added);
          // The gap shrinks by 1 − γ = .99 at each step: .99^2000 = 1.9e-9.
          expect(momentum + added).toBeCloseTo(target, 6);
        },
      ),
    );
  });
});

describe("totalMomentum()", () => {
  it("is the momentum applied, exactly, when no other worker writes", () => {
    fc.assert(
      fc.property(fc.double({ min: -0.9, max: 0.99, noNaN: true }), fc.integer(), (momentum, seed) => {
        const numbers = Array.from({ length: 9 }, (_, i) => Math.sin(seed + i));
        const previous = numbers.slice(0, 3);
        const current = numbers.slice(3, 6);
        const gradient = numbers.slice(6);
        const next = current.map((x, i) => x + momentum * (x - previous[i]) - 0.1 * gradient[i]);
        const measured = totalMomentum(previous, current, next, gradient, 0.1, new Float64Array(3));
        expect(measured).toBeCloseTo(momentum, 10);
      }),
    );
  });

  it("takes the median over the coordinates that moved, and is NaN when none did", () => {
    const scratch = new Float64Array(4);
    // Moves 1, 1, 1, 0; quotients .2, .9, .4.
    expect(
      totalMomentum([0, 0, 0, 5], [1, 1, 1, 5], [1.2, 1.9, 1.4, 9], [0, 0, 0, 0], 1, scratch),
    ).toBeCloseTo(0.4, 12);
    expect(totalMomentum([1, 2], [1, 2], [3, 4], [0, 0], 1, scratch)).toBeNaN();
  });
});

describe("the momentum of the staleness policy closed-loop", () => {
  const controller = (steersMomentum: boolean) =>
    createController({
      optimizer: "momentum",
      loop: "corrected",
      backOff: false,
      learningRateFactor: 1,
      momentum: 0.9,
      steersMomentum,
    });
  /** Momentum applied after 2000 updates by workers that add `added` of their own. */
  const settled = (steersMomentum: boolean, added: number) => {
    const { init, start, update } = controller(steersMomentum);
    const state = init();
    let { momentum } = start().hyperparameters;
    for (let t = 0; t < 2000; t++) {
      const observation = {
        squaredNorm: 1,
        meanSquaredNorm: 0,
        squaredDistance: 0,
        alignment: 0,
        squaredDirection: 0,
        loss: 1,
        staleness: 15,
      };
      ({ momentum } = update(state, { ...observation, totalMomentum: momentum + added }).hyperparameters);
    }
    return momentum;
  };

  it("is the user's less what asynchrony adds", () => {
    expect(settled(true, 0.4)).toBeCloseTo(0.5, 6);
    expect(settled(true, 0)).toBeCloseTo(0.9, 12);
    expect(settled(false, 0.4)).toBe(0.9);
  });
});
