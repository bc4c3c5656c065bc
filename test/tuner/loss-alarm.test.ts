import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { initLossAlarm, updateLossAlarm } from "../../src/tuner/loss-alarm.ts";

/** Number of the first loss that raises the alarm, or −1. */
function alarmAt(losses: readonly number[]): number {
  const state = initLossAlarm();
  return losses.findIndex((loss) => updateLossAlarm(state, loss));
}

/** Sums of three uniform numbers about `mean(t)`, standard deviation `sd`. */
function noisy(length: number, mean: (t: number) => number, sd: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length }, (_, t) => mean(t) + 2 * sd * (random() + random() + random() - 1.5));
}

describe("updateLossAlarm()", () => {
  it("is the cumulative sum of deviations from the lowest running mean, by the book", () => {
    // Twenty losses 1, 3, 1, 3, …: e and q are their mean 2 and, of the deviations at the time, a running mean.
    const state = initLossAlarm();
    let [mean, variance] = [0, 0];
    for (let t = 0; t < 20; t++) {
      const loss = t % 2 === 0 ? 1 : 3;
      expect(updateLossAlarm(state, loss)).toBe(false);
      const deviation = t === 0 ? 0 : loss - mean;
      mean += (t === 0 ? loss : deviation) / (t + 1);
      variance += (deviation * deviation - variance) / (t + 1);
    }
    expect(state.mean).toBeCloseTo(2, 12);
    expect(state.variance).toBeCloseTo(variance, 12);
    expect(state.least).toBeCloseTo(2, 12);
    // One loss three deviations up: C = 3 − 1.
    const deviation = 3 * Math.sqrt(variance);
    updateLossAlarm(state, 2 + deviation);
    expect(state.sum).toBeCloseTo(2, 9);
    expect(state.mean).toBeCloseTo(2 + deviation / 20, 9);
    expect(state.variance).toBeCloseTo(variance + (9 * variance - variance) / 20, 9);
    expect(state.least).toBeCloseTo(2, 12);
  });

  it("answers a loss that explodes with the second such loss", () => {
    const losses = noisy(100, () => 1, 0.1, 1);
    // Each counts as four deviations: C = 3, then 6.
    expect(alarmAt([...losses, 50, 50])).toBe(101);
  });

  it("answers a rise by two deviations within twenty losses", () => {
    const at = alarmAt(noisy(200, (t) => (t < 100 ? 1 : 1.2), 0.1, 2));
    expect(at).toBeGreaterThanOrEqual(100);
    expect(at).toBeLessThan(120);
  });

  it("is silent while the loss falls, and before twenty losses have come", () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(alarmAt(noisy(400, (t) => 2.3 * Math.exp(-t / 150), 0.1, seed))).toBe(-1);
    }
    expect(alarmAt([...new Array(10).fill(1), ...new Array(9).fill(1e9)])).toBe(-1);
  });

  it("stays finite whatever the losses are", () => {
    const state = initLossAlarm();
    for (let t = 0; t < 300; t++) updateLossAlarm(state, t % 7 === 0 ? 1e150 : t % 5 === 0 ? -1e150 : 0);
    expect(Object.values(state).every(Number.isFinite)).toBe(true);
  });
});
