import { describe, expect, it } from "vitest";
import { randomWorker } from "../../src/schedule/random-worker.ts";
import { roundRobin } from "../../src/schedule/round-robin.ts";
import type { Schedule } from "../../src/schedule/schedule.ts";
import { singleStep } from "../../src/tuner/single-step.ts";

/** w_0 … w_steps of f = h·w²/2 from 1 with algorithmic momentum, gradients in the order of a schedule. */
function path(schedule: Schedule, steps: number, h: number, alpha: number, momentum: number): Float64Array {
  const state = new Float64Array(schedule.stateLength);
  const read = new Float64Array(schedule.workers);
  const w = new Float64Array(steps + 1);
  w[0] = 1;
  for (const { worker } of schedule.begin([], 0, state)) read[worker] = w[0];
  for (let t = 0; t < steps; t++) {
    const [worker] = schedule.next(t, state);
    w[t + 1] = w[t] + momentum * (w[t] - (w[t - 1] ?? 1)) - alpha * h * read[worker];
    for (const { worker: reader } of schedule.begin([worker], t + 1, state)) read[reader] = w[t + 1];
  }
  return w;
}

const shown = [1, 2, 3, 5, 10, 20, 40];
const steps = 40;

/**
 * E w_t under M workers drawn at random: asynchrony is momentum μ_S = 1 − 1/M on top of the algorithmic one,
 *
 *   E w_{t+1} − E w_t = (μ + μ_S)(E w_t − E w_{t−1}) − μ·μ_S·(E w_{t−1} − E w_{t−2}) − (1 − μ_S)·αh·E w_t,
 *
 * from the second step on; the first gradient is everybody's, taken at w_0.
 * Source: Mitliagkas, Zhang, Hadjis, Ré, arXiv:1605.09774, Theorems 3, 5 and 6.
 */
function expectedPath(workers: number, alpha: number, momentum: number): number[] {
  const asynchronous = 1 - 1 / workers;
  const w = [1, 1, 1, 1 - alpha];
  while (w.length < steps + 3) {
    const [older, old, now] = w.slice(-3);
    w.push(
      now +
        (momentum + asynchronous) * (now - old) -
        momentum * asynchronous * (old - older) -
        (1 - asynchronous) * alpha * now,
    );
  }
  return w.slice(2);
}

// Simulated with 400,000 runs elsewhere, within 2.8e-4 of these.
const published = [
  [4, 0, [0.9, 0.8025, 0.7093125, 0.54042926, 0.2365069, 0.01323122, -0.00351737]],
  [4, 0.3, [0.9, 0.7725, 0.6418125, 0.40289801, 0.02225176, -0.07366596, 0.00506914]],
  [16, -0.2, [0.9, 0.820625, 0.73820703, 0.57915536, 0.22009526, -0.26109456, -0.33543952]],
] as const;

describe("asynchrony begets momentum", () => {
  it.each(published)(
    "M = %i, μ = %f: the recursion gives the known expectations",
    (workers, momentum, values) => {
      const expected = expectedPath(workers, 0.1, momentum);
      for (const [i, t] of shown.entries()) expect(expected[t]).toBeCloseTo(values[i], 7);
    },
  );

  it.each(published)("M = %i, μ = %f: random workers follow it on average", (workers, momentum) => {
    const runs = 4_000;
    const sums = new Float64Array(steps + 1);
    const squares = new Float64Array(steps + 1);
    for (let seed = 0; seed < runs; seed++) {
      const w = path(randomWorker(workers, Number.MAX_SAFE_INTEGER, seed), steps, 1, 0.1, momentum);
      for (let t = 0; t <= steps; t++) {
        sums[t] += w[t];
        squares[t] += w[t] * w[t];
      }
    }
    const expected = expectedPath(workers, 0.1, momentum);
    for (const t of shown) {
      const mean = sums[t] / runs;
      const error = Math.sqrt(Math.max(0, squares[t] / runs - mean * mean) / runs);
      // Five standard errors: 21 comparisons raise a false alarm with probability 1.2e-5, were the seeds not fixed.
      expect(Math.abs(mean - expected[t])).toBeLessThan(5 * error + 1e-9);
    }
  });

  it("is not what workers in turn do: their path is another one", () => {
    const inTurn = path(roundRobin(16, Number.MAX_SAFE_INTEGER), steps, 1, 0.1, 0);
    const expected = expectedPath(16, 0.1, 0);
    // Many times what the test above lets pass: constant delay overshoots where random delay only coasts.
    expect(Math.max(...shown.map((t) => Math.abs(inTurn[t] - expected[t])))).toBeGreaterThan(0.2);
  });

  /** Largest |λ| of λ³ = Σ c_i λ^(2−i) by the growth of its sequence, from two starts. */
  function rate(workers: number, alpha: number, momentum: number): number {
    const s = 1 - 1 / workers;
    let w = [1, 0.3, -0.7];
    let log = 0;
    const rounds = 4_000;
    for (let t = 0; t < rounds; t++) {
      const [older, old, now] = w;
      const next = now + (momentum + s) * (now - old) - momentum * s * (old - older) - (1 - s) * alpha * now;
      w = [old, now, next];
      const size = Math.hypot(...w);
      log += Math.log(size);
      w = w.map((value) => value / size);
    }
    return Math.exp(log / rounds);
  }

  it("wants less algorithmic momentum the more workers there are, and negative momentum past a crossing", () => {
    const grid = Array.from({ length: 37 }, (_, i) => -0.9 + 0.05 * i);
    const best = [1, 2, 4, 8].map((workers) =>
      grid.reduce((a, b) => (rate(workers, 0.5, b) < rate(workers, 0.5, a) ? b : a)),
    );
    for (let i = 1; i < best.length; i++) expect(best[i]).toBeLessThanOrEqual(best[i - 1] + 1e-9);
    expect(best[0]).toBeGreaterThan(0);
    expect(best[3]).toBeLessThan(0);
  });
});

describe("delayed gradient descent", () => {
  it.each([1, 2, 4, 16])(
    "is stable with %i workers in turn just below 2·sin(π/(2(2τ + 1))), and not above",
    (workers) => {
      const bound = 2 * Math.sin(Math.PI / (2 * (2 * (workers - 1) + 1)));
      const run = (alpha: number) => path(roundRobin(workers, Number.MAX_SAFE_INTEGER), 40_000, 1, alpha, 0);
      expect(
        Math.max(
          ...run(0.98 * bound)
            .slice(-200)
            .map(Math.abs),
        ),
      ).toBeLessThan(1e-3);
      expect(run(1.02 * bound).some((w) => Math.abs(w) > 1e3)).toBe(true);
    },
  );
});

describe("the robust region", () => {
  it("has one rate √μ for every curvature between hMin and hMax", () => {
    for (const [hMin, hMax] of [
      [1, 9],
      [0.02, 3],
      [5, 500],
    ]) {
      const { momentum, stepSize } = singleStep(1, 1e-12, hMin, hMax);
      for (const share of [0, 0.1, 0.5, 0.9, 1]) {
        const h = hMin + share * (hMax - hMin);
        // Eigenvalues of x_{t+1} = (1 + μ − αh)·x_t − μ·x_{t−1}: complex, so of size √μ, iff the discriminant is ≤ 0.
        const trace = 1 + momentum - stepSize * h;
        const discriminant = trace * trace - 4 * momentum;
        expect(discriminant).toBeLessThanOrEqual(1e-9);
      }
    }
  });
});
