import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { observeGradients, traceGradients } from "./observe-gradients.ts";
import { yellowFinReference } from "./yellowfin-reference.ts";

const quantities = ["hMax", "hMin", "variance", "distance", "momentum", "learningRate"] as const;

/**
 * The authors' PyTorch optimizer (JianGoForIt/YellowFin_Pytorch, tuner_utils/yellowfin.py, defaults) on one float64
 * parameter x = ones(4), whose gradient is set to `traceGradients()[t]` before each step. Columns: t, then
 * `quantities`, α as applied. Its curvature window is float32.
 */
const golden = [
  [1, 5.9821104, 5.5993971, 0.38438785, 0.41533399, 0.010546089, 0.0014379363],
  [2, 5.9821104, 5.1308224, 0.85812286, 0.42306205, 0.036896737, 0.00190825],
  [10, 6.1176453, 1.7783222, 2.5252644, 0.47114443, 0.32536205, 0.0057078176],
  [20, 6.2941856, 1.3823158, 2.6160735, 0.47608046, 0.39311761, 0.010568675],
  [29, 6.3534076, 1.2633158, 2.6399854, 0.47792408, 0.41662291, 0.014924552],
  [30, 7.3874704, 1.2546906, 22.2077, 0.46587209, 0.66514548, 0.0042022673],
  [31, 8.5092525, 1.2458637, 21.575547, 0.45461078, 0.66832117, 0.0042769225],
];

function largestError(estimates: readonly Record<(typeof quantities)[number], number>[]): number {
  const errors = golden.flatMap(([t, ...values]) =>
    values.map((value, i) => Math.abs(estimates[t][quantities[i]] / value - 1)),
  );
  return Math.max(...errors);
}

describe("updateYellowFin()", () => {
  it("gives the numbers of the authors' optimizer, a spike included", () => {
    const settings = { slowStart: 200, distanceEpsilon: 1e-6 };
    expect(largestError(observeGradients(traceGradients(32), settings))).toBeLessThan(2e-5);
    expect(largestError(yellowFinReference(traceGradients(32), 1e-6))).toBeLessThan(2e-5);
    // Without the authors' ε: at t = 1 it is 1e-6/(.002·5.8) of EMA|g|², 9e-5, more at t = 0; μ goes with D² and more.
    expect(largestError(observeGradients(traceGradients(32)))).toBeLessThan(4e-4);
  });

  it("agrees with the paper's form of every estimator", () => {
    const vector = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
    const nonZero = vector.filter((g) => Math.hypot(...g) > 0.01);
    fc.assert(
      fc.property(fc.array(nonZero, { minLength: 2, maxLength: 60 }), (gradients) => {
        const production = observeGradients(gradients);
        for (const [t, expected] of yellowFinReference(gradients, 0).entries()) {
          for (const name of quantities) {
            const scale = Math.max(Math.abs(expected[name]), 1e-9);
            // The variance is a difference of numbers up to 300 that may cancel to its floor.
            const allowed = name === "variance" ? 1e-10 : 1e-6;
            expect(Math.abs(production[t][name] - expected[name]) / scale).toBeLessThan(
              name === "variance" ? Math.max(1e-7, allowed / scale) : allowed,
            );
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("finds no momentum and the step 1/h for a constant gradient", () => {
    const estimates = observeGradients(Array.from({ length: 400 }, () => [3, 4]));
    for (const [t, { distance, hMax, hMin, learningRate, momentum, variance }] of estimates.entries()) {
      // |(3, 4)|² = 25; D = 5/25; no variance, so its floor; p = .2²·25²/(2e-6) = 1.25e7, √μ = 1/p.
      expect(hMax).toBeCloseTo(25, 9);
      expect(hMin).toBeCloseTo(25, 9);
      expect(distance).toBeCloseTo(0.2, 12);
      expect(variance).toBe(1e-6);
      expect(momentum).toBeLessThan(1e-14);
      // α = (1 − 8e-8)²/25 = .04·(1 − 1.6e-7)
      if (t > 0) expect(learningRate / (0.04 * Math.min(1, (t + 1) / 200))).toBeCloseTo(1, 6);
    }
    expect(estimates[0]).toMatchObject({ momentum: 0, learningRate: 1e-4 });
  });

  it("finds the same momentum for zero-mean gradients of any one length", () => {
    for (const r of [0.02, 1, 700, 1e8]) {
      const gradients = Array.from({ length: 20_000 }, (_, t) => [t % 2 === 0 ? r : -r]);
      const { learningRate, momentum } = observeGradients(gradients).at(-1) as {
        learningRate: number;
        momentum: number;
      };
      // D = 1/r, C = r², h = r²: p = 1/2, √μ = .410245487698542, α·r² = (1 − √μ)².
      expect(momentum).toBeCloseTo(0.168301, 5);
      expect(learningRate * r * r).toBeCloseTo(0.34781, 5);
    }
  });

  it("keeps the momentum above what the curvature range asks for", () => {
    const gradients = Array.from({ length: 12_000 }, (_, t) => [t % 2 === 0 ? 1 : 10]);
    const { hMax, hMin, momentum } = observeGradients(gradients).at(-1) as {
      hMax: number;
      hMin: number;
      momentum: number;
    };
    // The first window held 1 alone; its weight in the average is .001·.999^11999 < 1e-8 of log 100.
    expect(hMax / hMin).toBeCloseTo(100, 4);
    // (√100 − 1)/(√100 + 1) = 9/11
    expect(momentum).toBeGreaterThan(0.669421);
  });

  it("keeps its momentum when the loss is scaled, and divides the learning rate by the square", () => {
    const random = createRandom(5);
    const gradients = Array.from({ length: 300 }, () =>
      Array.from({ length: 5 }, () => random() + random() - 0.8),
    );
    const plain = observeGradients(gradients);
    fc.assert(
      fc.property(fc.double({ min: -2, max: 100, noNaN: true }), (exponent) => {
        const s = 10 ** exponent;
        const scaled = observeGradients(gradients.map((g) => g.map((value) => s * value)));
        for (let t = 1; t < gradients.length; t++) {
          expect(scaled[t].momentum / plain[t].momentum).toBeCloseTo(1, 7);
          expect((scaled[t].learningRate * s * s) / plain[t].learningRate).toBeCloseTo(1, 7);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("stays finite while all gradients are zero, at the start and later", () => {
    const zeros = (length: number) => Array.from({ length }, () => [0, 0, 0, 0]);
    for (const gradients of [
      zeros(50),
      [...zeros(30), ...traceGradients(40), ...zeros(3000), ...traceGradients(60)],
    ]) {
      for (const estimate of observeGradients(gradients)) {
        expect(estimate.momentum).toBeLessThanOrEqual(1);
        expect(estimate.learningRate).toBeGreaterThan(0);
        // Nothing in the trace asks for more than 1/hMin, and hMin is above .25² ≤ min |g|².
        expect(estimate.learningRate).toBeLessThan(16);
      }
    }
  });
});
