import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { withBackOff } from "../../src/tuner/back-off.ts";
import { fixedStep } from "../../src/tuner/fixed-step.ts";

const controller = withBackOff(
  fixedStep({ learningRate: 1, momentum: 0, measurable: false, steered: false }),
);

/** s after each block of 50 losses with the given means, alternating by ±spread around them. */
function scales(means: readonly number[], spread = 0): number[] {
  const state = controller.init();
  return means.map((mean) => {
    let scale = 1;
    for (let i = 0; i < 50; i++) {
      const loss = mean + (i % 2 === 0 ? spread : -spread);
      const observation = {
        squaredNorm: 1,
        meanSquaredNorm: 0,
        staleness: 0,
        totalMomentum: Number.NaN,
        squaredDistance: 0,
        alignment: 0,
        squaredDirection: 0,
        loss,
      };
      scale = controller.update(state, observation).hyperparameters.learningRate;
    }
    return scale;
  });
}

describe("withBackOff()", () => {
  it("leaves the learning rate alone while the loss falls", () => {
    expect(scales([4, 3, 2, 1, 0.5, 0.4])).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("halves it when a block's mean is significantly above the best, and grows it again afterwards", () => {
    // best 2 → cut, best 3; then 2.5 < r = 1.9…? r after the blocks: 2, 2, 2 + .2·(3 − 2) = 2.2, so 2.1 is below.
    const [first, second, third, fourth] = scales([2, 2, 3, 2.1]);
    expect([first, third]).toEqual([1, 0.5 * second]);
    expect(fourth / third).toBeCloseTo(1.05, 12);
  });

  it("takes a rise within three standard errors for noise", () => {
    // Spread 1 alternating: sd = √(50/49) = 1.01, standard error .143, three of them .43.
    const [, before, after] = scales([2, 1.9, 2.3], 1);
    expect(after / before).toBeCloseTo(0.95, 12);
    const [, again, cut] = scales([2, 1.9, 2.4], 1);
    expect(cut / again).toBe(0.5);
  });

  it("shrinks slowly on a plateau and never grows beyond the controller's own learning rate", () => {
    const plateau = scales(new Array(40).fill(1));
    expect(plateau.at(-1)).toBeLessThan(0.2);
    expect(plateau.at(-1)).toBeGreaterThan(0.1);
    const falling = scales(Array.from({ length: 40 }, (_, i) => 1 / (i + 1)));
    expect(Math.max(...falling)).toBe(1);
  });

  it("stays in (0, 1] and finite for any losses, infinite and missing ones included", () => {
    const random = createRandom(3);
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 60, maxLength: 200 }), (losses) => {
        const state = controller.init();
        for (const loss of losses.flatMap((value) => [value, value * random()])) {
          const { hyperparameters } = controller.update(state, {
            squaredNorm: 1,
            meanSquaredNorm: 0,
            staleness: 0,
            totalMomentum: Number.NaN,
            squaredDistance: 0,
            alignment: 0,
            squaredDirection: 0,
            loss,
          });
          const { learningRate } = hyperparameters;
          expect(learningRate > 0 && learningRate <= 1).toBe(true);
        }
      }),
    );
  });
});
