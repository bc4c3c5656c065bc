import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AutoSettings, auto } from "../../src/tuner/auto.ts";
import type { Decision, Observation } from "../../src/tuner/controller.ts";

const settings: AutoSettings = { learningRateFactor: 1, workers: 1, parameterCount: 4 };

/** What a gradient of one parameter's length in every direction tells it, of loss 1, fresh, at right angles to the way. */
const quiet: Observation = {
  squaredNorm: 4,
  meanSquaredNorm: 0,
  squaredDistance: 0,
  alignment: 0,
  squaredDirection: 4,
  loss: 1,
  staleness: 0,
  totalMomentum: Number.NaN,
};

/** Decides update by update; what is observed may follow from what was decided last. */
function decisions(
  length: number,
  observe: (t: number, rate: number) => Partial<Observation>,
  options: Partial<AutoSettings> = {},
): Decision[] {
  const controller = auto({ ...settings, ...options });
  const state = controller.init();
  let rate = controller.start().hyperparameters.learningRate;
  return Array.from({ length }, (_, t) => {
    const decision = controller.update(state, { ...quiet, ...observe(t, rate) });
    rate = decision.hyperparameters.learningRate;
    return decision;
  });
}

const ratesOf = (decided: readonly Decision[]) =>
  decided.map(({ hyperparameters }) => hyperparameters.learningRate);

/** The alignment of a given ρ, by its definition: β = 0.7. */
const aligned = (rho: number, rate: number) => (rho * 4 * rate * 0.3) / 2;

const commandsIn = (decided: readonly Decision[]) =>
  decided.flatMap(({ command }, t) => (command === null ? [] : [{ t, command }]));

describe("auto()", () => {
  it("starts at 0.001, or at a 300th of the step that would end at a loss of zero if the loss were linear", () => {
    // |g|√P = 4: a loss of 1 allows 1/1200 < 0.001, a loss of 1200 allows 1.
    expect(ratesOf(decisions(1, () => ({})))[0]).toBeCloseTo(0.001 * 2 ** (1 / 3.7), 12);
    expect(ratesOf(decisions(1, () => ({ loss: 1200 })))[0]).toBeCloseTo(2 ** (1 / 3.7), 12);
  });

  it.each([0, 15])("doubles the rate at most every 3 + 0.7·(1 + τ) updates: τ = %i", (staleness) => {
    const rates = ratesOf(
      decisions(80, (_, rate) => ({ staleness, alignment: aligned(1e9, rate) }), { workers: staleness + 1 }),
    );
    const doubling = 3 + 0.7 * (1 + staleness);
    expect(Math.log2(rates[79] / rates[40]) * doubling).toBeCloseTo(39, 3);
  });

  it("holds the rate where gradients are at right angles to the way behind them", () => {
    const rates = ratesOf(decisions(200, () => ({})));
    expect(rates[199]).toBe(rates[10]);
  });

  it("shrinks it as a power of time where gradients turn against the way behind them", () => {
    // At ρ = −1 by 1.5/(t + 50) of an octave an update. The way is measured in steps of their mean length, which lags
    // behind a shrinking rate, so what is observed is given by that length.
    const rates = ratesOf(decisions(2000, (_, rate) => ({ alignment: aligned(-1, rate) })));
    const octaves = Math.log2(rates[500] / rates[1999]);
    const expected = 1.5 * Math.log((2000 + 50) / (501 + 50));
    expect(octaves / expected).toBeGreaterThan(0.9);
    expect(octaves / expected).toBeLessThan(1.05);
  });

  it("takes back at a turn what the rate grew by while nothing was known of it", () => {
    const turn = 60;
    const rates = ratesOf(
      decisions(turn + 20, (t, rate) => ({ alignment: aligned(t < turn ? 100 : -1000, rate) })),
    );
    const after = rates[turn + 1];
    // Six updates are averaged, in which it grew by 6/3.7 octaves at most.
    expect(Math.log2(rates[turn - 1] / after)).toBeGreaterThan(1);
    expect(Math.log2(rates[turn - 1] / after)).toBeLessThan(6 / 3.7);
  });

  it("does the same whatever the loss is multiplied by", () => {
    // Scaled gradients, and with them alignment, have no unit of the loss; |g|² has its square.
    const run = (c: number) =>
      decisions(300, (t, rate) => ({
        loss: c * (2 + Math.sin(t) - t / 300),
        squaredNorm: c * c * (4 + Math.cos(t)),
        alignment: aligned(Math.cos(t / 40), rate),
      }));
    const expected = ratesOf(run(1));
    for (const c of [1e-6, 1e6]) {
      for (const [t, rate] of ratesOf(run(c)).entries()) expect(rate / expected[t]).toBeCloseTo(1, 9);
      expect(commandsIn(run(c))).toEqual(commandsIn(run(1)));
    }
  });

  it("goes back to the model before the last one when the loss explodes, with a quarter of the rate, and grows slowly again", () => {
    const explosion = 90;
    const decided = decisions(400, (t, rate) => ({
      loss: t >= explosion && t < explosion + 20 ? 50 : 2.3 * Math.exp(-t / 100) + 0.02 * Math.sin(t),
      alignment: aligned(1, rate),
    }));
    const commands = commandsIn(decided);
    const restore = commands.findIndex(({ command }) => command === "restore");
    const back = commands[restore].t;
    expect(back - explosion).toBeLessThan(20);
    const rates = ratesOf(decided);
    // What the older of the two was saved with, or a quarter where that is less.
    expect(rates[back]).toBeCloseTo(Math.min(rates[back - 1] / 4, rates[commands[restore - 2].t - 1]), 12);
    // Once beyond a quarter of the rate that failed, an eighth of the speed.
    const fast = Math.log2(rates[80] / rates[70]);
    const slow = Math.log2(rates[back + 60] / rates[back + 50]);
    expect(fast / slow).toBeGreaterThan(6);
    // The second moment begins anew.
    expect(decided[back].hyperparameters.secondCorrection).toBeCloseTo(1 / (1 - 0.99), 12);
  });

  it("does not go back for a rise of less than a tenth of the progress", () => {
    const decided = decisions(300, (t) => ({ loss: t < 150 ? 3 - t / 150 : 2.05 }));
    expect(commandsIn(decided).filter(({ command }) => command === "restore")).toEqual([]);
  });

  it("stays finite and in range whatever it observes", () => {
    const anything = fc.record({
      squaredNorm: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      alignment: fc.double({ min: -1e30, max: 1e30, noNaN: true }),
      squaredDirection: fc.double({ min: 0, max: 1e12, noNaN: true }),
      loss: fc.double(),
      staleness: fc.nat({ max: 1000 }),
    });
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 100 }),
        fc.integer({ min: 1, max: 64 }),
        (seen, workers) => {
          for (const { hyperparameters } of decisions(seen.length, (t) => seen[t], { workers })) {
            const { averageWeight, learningRate, secondCorrection } = hyperparameters;
            expect(Number.isFinite(learningRate) && learningRate > 0).toBe(true);
            expect(averageWeight > 0 && averageWeight <= 1).toBe(true);
            expect(secondCorrection >= 1 && secondCorrection <= 101).toBe(true);
          }
        },
      ),
    );
  });

  it("refuses a factor that is not finite and > 0", () => {
    expect(() => auto({ ...settings, learningRateFactor: 0 })).toThrow("learningRateFactor");
  });
});
