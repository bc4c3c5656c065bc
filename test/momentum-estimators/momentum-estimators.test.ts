import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import type { MeasuredStep } from "../../src/momentum-estimators/momentum-estimator.ts";
import {
  type MomentumEstimatorName,
  momentumEstimators,
} from "../../src/momentum-estimators/momentum-estimators.ts";
import { regressionDecay } from "../../src/momentum-estimators/momentum-regression.ts";
import { randomWorker } from "../../src/schedule/random-worker.ts";
import { roundRobin } from "../../src/schedule/round-robin.ts";
import type { Schedule } from "../../src/schedule/schedule.ts";

const names = Object.keys(momentumEstimators) as MomentumEstimatorName[];
const curvatures = [2, 1.3, 1, 0.4, 0.1];
const alpha = 0.05;
const forever = Number.MAX_SAFE_INTEGER;

/**
 * Momentum SGD on Σ h·x²/2 from ones in float64, its gradients in the order of a schedule: what each update's worker sees
 * of the iterate that it read.
 */
function measuredSteps(schedule: Schedule, updates: number, momentum: number, noise: number): MeasuredStep[] {
  const random = createRandom(5);
  const state = new Float64Array(schedule.stateLength);
  const path: number[][] = [curvatures.map(() => 1)];
  const gradientAt = (x: readonly number[]) =>
    x.map((value, i) => curvatures[i] * value + noise * (random() - 0.5));
  const tasks = new Map<number, { readAt: number; gradient: number[] }>();
  const begin = (made: readonly number[], readAt: number) => {
    for (const { worker } of schedule.begin(made, readAt, state)) {
      tasks.set(worker, { readAt, gradient: gradientAt(path[readAt]) });
    }
  };
  begin([], 0);
  const found: MeasuredStep[] = [];
  for (let t = 0; t < updates; t++) {
    const workers = schedule.next(t, state);
    const task = tasks.get(workers[0]) as { readAt: number; gradient: number[] };
    const { gradient, readAt } = task;
    const before = path[t - 1] ?? path[t];
    path.push(path[t].map((x, i) => x + momentum * (x - before[i]) - alpha * gradient[i]));
    if (readAt > 0) {
      const [previous, current, next] = path.slice(readAt - 1, readAt + 2);
      found.push({ previous, current, next, gradient, learningRate: alpha });
    }
    begin(workers, t + 1);
  }
  return found;
}

function measurements(name: MomentumEstimatorName, steps: readonly MeasuredStep[]): number[] {
  const { measure, stateLength } = momentumEstimators[name];
  const state = new Float64Array(stateLength(curvatures.length));
  return steps.map((step) => measure(state, step, new Float64Array(curvatures.length)));
}

describe.each(names)("the estimator %s", (name) => {
  it.each([
    ["in turn", roundRobin(1, forever)],
    ["at random", randomWorker(1, forever, 3)],
  ])("measures with one worker the momentum that is applied, to 1e-10: %s", (_, schedule) => {
    for (const momentum of [-0.5, 0, 0.3, 0.9]) {
      for (const noise of [0, 0.5]) {
        const measured = measurements(name, measuredSteps(schedule, 200, momentum, noise));
        expect(measured).toHaveLength(199);
        for (const value of measured) expect(Math.abs(value - momentum)).toBeLessThan(1e-10);
      }
    }
  });

  it("measures nothing where nothing moved", () => {
    const still = { previous: [1, 2], current: [1, 2], next: [1, 2], gradient: [0, 0], learningRate: 1 };
    const { measure, stateLength } = momentumEstimators[name];
    expect(measure(new Float64Array(stateLength(2)), still, new Float64Array(2))).toBeNaN();
  });
});

// What is stale and noisy, so that no quotient is that of another step.
const stale = () => measuredSteps(randomWorker(4, forever, 7), 300, 0.3, 0.5);

describe("regression", () => {
  it("is the weighted least-squares fit to all steps so far", () => {
    const steps = stale();
    const measured = measurements("regression", steps);
    for (const last of [1, 10, 150, steps.length - 1]) {
      // By Gram and Schmidt: what is left of step and answer once the gradient's share is out.
      const rows = steps.slice(0, last + 1).flatMap(({ current, gradient, next, previous }, t) =>
        curvatures.map((_, i) => {
          const root = Math.sqrt(regressionDecay ** (last - t));
          return {
            before: root * (current[i] - previous[i]),
            after: root * (next[i] - current[i]),
            force: root * alpha * gradient[i],
          };
        }),
      );
      const sum = (of: (row: (typeof rows)[number]) => number) =>
        rows.reduce((total, row) => total + of(row), 0);
      const forces = sum(({ force }) => force * force);
      const share = sum(({ before, force }) => before * force) / forces;
      const answer = sum(({ after, force }) => after * force) / forces;
      const rest = rows.map(({ after, before, force }) => [before - share * force, after - answer * force]);
      const expected =
        rest.reduce((total, [x, y]) => total + x * y, 0) / rest.reduce((total, [x]) => total + x * x, 0);
      expect(measured[last]).toBeCloseTo(expected, 9);
    }
  });

  it("finds 1 − 1/M on the expected path of M random workers, where equation 35 does not", () => {
    for (const workers of [2, 4, 16]) {
      const asynchronous = 1 - 1 / workers;
      // E x_{t+1} − E x_t = μ_S·(E x_t − E x_{t−1}) − (1 − μ_S)·α·h·E x_t, arXiv:1605.09774, Theorem 3.
      const path = [curvatures.map(() => 1), curvatures.map((h) => 1 - alpha * h)];
      const steps = Array.from({ length: 100 }, (_, t): MeasuredStep => {
        const [previous, current] = path.slice(t);
        const gradient = current.map((x, i) => curvatures[i] * x);
        const next = current.map(
          (x, i) => x + asynchronous * (x - previous[i]) - (1 - asynchronous) * alpha * gradient[i],
        );
        path.push(next);
        return { previous, current, next, gradient, learningRate: alpha };
      });
      expect(measurements("regression", steps).at(-1)).toBeCloseTo(asynchronous, 8);
      expect(Math.abs((measurements("median", steps).at(-1) as number) - asynchronous)).toBeGreaterThan(0.1);
    }
  });
});
