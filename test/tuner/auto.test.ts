import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { auto } from "../../src/tuner/auto.ts";
import type { Decision } from "../../src/tuner/controller.ts";

const settings = { learningRateFactor: 1 };
const firstLearningRate = 3e-4;

/** What it decides, loss by loss, for gradients of norm 1 and one staleness. */
function decisions(losses: readonly number[], staleness = 0): Decision[] {
  const controller = auto(settings);
  const state = controller.init();
  return losses.map((loss) =>
    controller.update(state, {
      squaredNorm: 1,
      meanSquaredNorm: 0,
      squaredDistance: 0,
      loss,
      staleness,
      totalMomentum: Number.NaN,
    }),
  );
}

/** Falls from 2.3, with a little noise. */
function falling(length: number): number[] {
  const random = createRandom(3);
  return Array.from({ length }, (_, t) => 2.3 * Math.exp(-t / 100) + 0.02 * (random() - 0.5));
}

const commandsIn = (decided: readonly Decision[]) =>
  decided.flatMap(({ command }, t) => (command === null ? [] : [{ t, command }]));

describe("auto()", () => {
  it.each([0, 15])(
    "doubles the learning rate every 20 + τ updates while the loss falls: τ = %i",
    (staleness) => {
      const rates = decisions(falling(120), staleness).map(
        ({ hyperparameters }) => hyperparameters.learningRate,
      );
      for (const t of [0, 30, 119]) {
        expect(rates[t] / firstLearningRate).toBeCloseTo(2 ** ((t + 1) / (20 + staleness)), 6);
      }
    },
  );

  it("saves the model at ever lower losses, 20 + τ updates apart", () => {
    // Armed after twenty losses; each later checkpoint waits for twenty more and a lower loss.
    expect(commandsIn(decisions(falling(90)))).toEqual([19, 39, 59, 79].map((t) => ({ t, command: "save" })));
    // A loss that is higher on average is no reason to save.
    expect(commandsIn(decisions([...falling(20), ...new Array(25).fill(2.2)]))).toEqual([
      { t: 19, command: "save" },
    ]);
  });

  it("goes back to the checkpoint before the last one, learning rate included, when the loss explodes", () => {
    const decided = decisions([...falling(90), 30, 30, ...new Array(40).fill(0.9)]);
    const commands = commandsIn(decided);
    expect(commands.at(-1)).toEqual({ t: 91, command: "restore" });
    const saves = commands.filter(({ command }) => command === "save").map(({ t }) => t);
    const rates = decided.map(({ hyperparameters }) => hyperparameters.learningRate);
    expect(rates[91]).toBe(rates[saves.at(-2) as number]);
    // The ramp is over.
    expect(new Set(rates.slice(91)).size).toBe(1);
    const secondCorrection = (t: number) => decided[t].hyperparameters.secondCorrection;
    // The second moment is that of the checkpoint, and one gradient more with each update.
    expect(secondCorrection(91)).toBe(secondCorrection(saves.at(-2) as number));
    expect(secondCorrection(93)).toBe(secondCorrection((saves.at(-2) as number) + 2));
  });

  it("starts over at the first learning rate when there is nothing to go back to", () => {
    const decided = decisions([...new Array(20).fill(1).map((_, t) => 1 + (t % 2)), 90, 90]);
    expect(decided.at(-1)).toMatchObject({
      command: "restore",
      hyperparameters: { learningRate: firstLearningRate },
    });
  });

  it("halves the learning rate after the ramp when the loss rises, and does not look while old losses come in", () => {
    const ramp = [...falling(90), 30, 30];
    const staleness = 2;
    // Blocks of fifty: one as low as at the checkpoint, then a risen one, then fifty after five that are ignored.
    const after = [...new Array(50).fill(0.5), ...new Array(50).fill(3), ...new Array(54).fill(9)];
    const decided = decisions([...ramp, ...after, 9], staleness);
    const [, restart] = commandsIn(decided).filter(({ command }) => command !== "save");
    expect(restart).toEqual({ t: 92 + 99, command: "restart" });
    const rate = (t: number) => decided[t].hyperparameters.learningRate;
    expect(rate(191) / rate(190)).toBeCloseTo(0.5, 12);
    expect(rate(191 + 54)).toBe(rate(191));
    expect(rate(191 + 55) / rate(191)).toBeCloseTo(0.5, 12);
  });

  it("weighs iterates by the square of their learning rate, anew after a cut", () => {
    const decided = decisions([...falling(90), 30, 30, ...new Array(3).fill(0.5)]).map(
      ({ hyperparameters }) => hyperparameters,
    );
    let sum = 0;
    for (const { averageWeight, learningRate } of decided.slice(0, 91)) {
      sum += learningRate ** 2;
      expect(averageWeight).toBeCloseTo(learningRate ** 2 / sum, 12);
    }
    expect(decided.slice(91).map(({ averageWeight }) => averageWeight)).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
  });

  it("clips gradients at ten times their root-mean-square norm once ten have come", () => {
    const decided = decisions(falling(12)).map(({ hyperparameters }) => hyperparameters);
    expect(decided[8].applyClip).toBe(Number.POSITIVE_INFINITY);
    expect(decided[9].applyClip).toBeCloseTo(10, 12);
  });

  it("refuses a factor that is not finite and > 0", () => {
    expect(() => auto({ learningRateFactor: 0 })).toThrow(
      "Cannot create a controller: learningRateFactor must be finite and > 0 (got 0)",
    );
  });
});
