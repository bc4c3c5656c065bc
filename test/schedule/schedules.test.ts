import { describe, expect, it } from "vitest";
import {
  createSchedule,
  gradientsPerUpdate,
  orderedModes,
  type ScheduledWork,
  type ScheduleLaw,
} from "../../src/schedule/create-schedule.ts";

const workers = 5;

/** Plays a schedule to its end without computing anything. */
function play({
  maxMinibatches = 1003,
  seed = 1,
  sizeOf = () => 8,
  ...law
}: Partial<ScheduleLaw & ScheduledWork> & Pick<ScheduleLaw, "mode">) {
  const schedule = createSchedule(
    { simulateWorkers: workers, stepTime: "constant", speeds: [1], order: null, ...law },
    { maxMinibatches, seed, sizeOf },
  );
  const state = new Float64Array(schedule.stateLength);
  const inFlight = new Map<number, { minibatch: number; readAt: number; due: number }>();
  const updates: { worker: number; minibatch: number; staleness: number }[][] = [];
  let early = 0;
  let made: readonly number[] = [];
  for (let step = 0; ; step++) {
    for (const { due, minibatch, worker } of schedule.begin(made, step, state)) {
      if (inFlight.has(worker)) throw new Error(`worker ${worker} has two gradients on their way`);
      inFlight.set(worker, { minibatch, readAt: step, due });
    }
    made = schedule.next(step, state);
    if (made.length === 0) return { updates, left: inFlight.size, early };
    updates.push(
      made.map((worker) => {
        const { due, minibatch, readAt } = inFlight.get(worker) as {
          minibatch: number;
          readAt: number;
          due: number;
        };
        inFlight.delete(worker);
        if ([...inFlight.values()].some((other) => other.due < due)) early++;
        return { worker, minibatch, staleness: step - readAt };
      }),
    );
  }
}

const stalenessOf = (settings: Parameters<typeof play>[0]) =>
  play(settings).updates.flatMap((parts) => parts.map(({ staleness }) => staleness));

describe.each(orderedModes)("the schedule %s", (mode) => {
  it("uses every minibatch exactly once and leaves no gradient behind", () => {
    const { left, updates } = play({ mode });
    const minibatches = updates.flatMap((parts) => parts.map(({ minibatch }) => minibatch));
    expect(minibatches.toSorted((a, b) => a - b)).toEqual([...Array(1003).keys()]);
    expect(left).toBe(0);
    expect(updates.length).toBe(Math.ceil(1003 / gradientsPerUpdate(mode, workers)));
  });

  it("is the same every time, and serial with one worker", () => {
    expect(play({ mode })).toEqual(play({ mode }));
    const { updates } = play({ mode, simulateWorkers: 1 });
    expect(updates).toEqual(
      Array.from({ length: 1003 }, (_, minibatch) => [{ worker: 0, minibatch, staleness: 0 }]),
    );
  });

  it("ends at once when there is nothing to do", () => {
    expect(play({ mode, maxMinibatches: 0 })).toEqual({ updates: [], left: 0, early: 0 });
  });

  it("uses first what was due first, until workers run out of minibatches", () => {
    expect(play({ mode }).early).toBeLessThanOrEqual(workers);
  });
});

describe("staleness", () => {
  it("is M − 1 in round-robin once every worker has had its turn", () => {
    const staleness = stalenessOf({ mode: "round-robin" });
    expect(staleness.slice(0, workers)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(staleness.slice(workers))).toEqual(new Set([workers - 1]));
  });

  it("is 0 in sync", () => {
    expect(new Set(stalenessOf({ mode: "sync" }))).toEqual(new Set([0]));
  });

  it("is M − 1 for equal workers of constant speed, and smaller for faster ones", () => {
    const equal = stalenessOf({ mode: "timed" });
    expect(new Set(equal.slice(workers, -workers))).toEqual(new Set([workers - 1]));
    // Worker 0 makes four updates while the other makes one.
    const uneven = play({ mode: "timed", simulateWorkers: 2, speeds: [4, 1] }).updates.flat();
    const mean = (worker: number) => {
      const own = uneven.filter((update) => update.worker === worker).slice(2, -2);
      return own.reduce((sum, { staleness }) => sum + staleness, 0) / own.length;
    };
    expect(mean(0)).toBeCloseTo(1 / 4, 1);
    expect(mean(1)).toBeCloseTo(4, 1);
  });

  /**
   * Pearson's statistic of counts against P(τ = l) = (1/M)(1 − 1/M)^l, l = 0 … 19, all staler ones together. Successive
   * stalenesses depend a little on each other, so only every M-th is counted.
   */
  function chiSquare(staleness: readonly number[], M: number): number {
    const bins = 20;
    const counts = new Array<number>(bins + 1).fill(0);
    const sample = staleness.filter((_, i) => i > 20 * M && i % M === 0);
    for (const value of sample) counts[Math.min(bins, value)]++;
    const share = (l: number) => (l < bins ? (1 / M) * (1 - 1 / M) ** l : (1 - 1 / M) ** bins);
    return counts.reduce((sum, count, l) => {
      const expected = sample.length * share(l);
      return sum + (count - expected) ** 2 / expected;
    }, 0);
  }

  // χ² with 20 degrees of freedom exceeds 45.3 with probability 1e-3: the false-alarm rate, were the seeds not fixed.
  const critical = 45.3;

  it.each([1, 2, 3])("is geometric when workers are drawn at random (seed %i)", (seed) => {
    const staleness = stalenessOf({ mode: "random-worker", maxMinibatches: 50_000, seed });
    expect(chiSquare(staleness, workers)).toBeLessThan(critical);
  });

  it.each([1, 2, 3])("is geometric when step times are exponential (seed %i)", (seed) => {
    const settings = { mode: "timed", stepTime: "exponential", maxMinibatches: 50_000, seed } as const;
    expect(chiSquare(stalenessOf(settings), workers)).toBeLessThan(critical);
  });

  it("is not geometric in round-robin, which the same test sees", () => {
    const staleness = stalenessOf({ mode: "round-robin", maxMinibatches: 50_000 });
    expect(chiSquare(staleness, workers)).toBeGreaterThan(10 * critical);
  });
});
