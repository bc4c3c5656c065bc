import { describe, expect, it } from "vitest";
import { plainKernels } from "../../src/kernels/plain.ts";
import { createRandom } from "../../src/math/random.ts";
import {
  applyAndObserve,
  correctGradient,
  overStaleness,
  policyVectors,
  type StalenessPolicy,
} from "../../src/update/staleness-policy.ts";

const kernels = plainKernels();

describe("overStaleness()", () => {
  it("divides the learning rate by τ where τ > 1, and only where it is asked to", () => {
    const pair = { momentum: 0.25, learningRate: 0.5 };
    const rates = [0, 1, 4].map((staleness) => overStaleness("lr-over-tau", pair, staleness).learningRate);
    expect(rates).toEqual([0.5, 0.5, 0.125]);
    expect(overStaleness("lr-over-tau", pair, 4).momentum).toBe(0.25);
    expect(overStaleness("none", pair, 4)).toEqual(pair);
    expect(overStaleness("delay-compensated", pair, 4)).toEqual(pair);
  });
});

describe("correctGradient()", () => {
  const corrected = (policy: StalenessPolicy, updates = 1000) => {
    const gradient = Float32Array.of(3, -2, 0.5);
    correctGradient(policy, kernels, {
      gradient,
      parameters: Float32Array.of(1, 2, -1),
      read: Float32Array.of(0, 4, -1),
      // Root-mean-square steps of 1/2 and 1, were they debiased, and a coordinate that never moved.
      vectors: [Float32Array.of(0.25, 1, 0).map((square) => square * (1 - 0.999 ** updates))],
      updates,
    });
    return [...gradient];
  };

  it("adds λ·g²·(x − r) with λ = 0.04 to compensate the delay", () => {
    // 3 + 0.04·9·1, −2 + 0.04·4·(−2), and 0.5 where nothing moved.
    const expected = [3.36, -2.32, 0.5];
    for (const [i, g] of corrected("delay-compensated").entries()) expect(g).toBeCloseTo(expected[i], 6);
  });

  it("divides each coordinate by one more than the steps that lie in its gap", () => {
    // |x − r| = 1, 2, 0 are 2, 2 and 0 steps.
    for (const updates of [1, 1000]) {
      const expected = [3 / 3, -2 / 3, 0.5];
      for (const [i, g] of corrected("gap-aware", updates).entries()) expect(g).toBeCloseTo(expected[i], 5);
    }
    expect(corrected("gap-aware", 0)).toEqual([3, -2, 0.5]);
  });

  it.each(["none", "lr-over-tau", "drop", "closed-loop"] as const)(
    "leaves the gradient alone: %s",
    (policy) => {
      expect(corrected(policy)).toEqual([3, -2, 0.5]);
    },
  );
});

describe("applyAndObserve()", () => {
  it("keeps the mean squared step of each coordinate, as a decaying mean in float64 has it", () => {
    const random = createRandom(3);
    const parameters = new Float32Array(4);
    const squares = Array.from({ length: policyVectors("gap-aware") }, () => new Float32Array(4));
    const expected = new Float64Array(4);
    for (let t = 0; t < 3000; t++) {
      const steps = parameters.map((_, i) => (i + 1) * (random() - 0.5));
      const before = parameters.slice();
      applyAndObserve("gap-aware", kernels, { parameters, vectors: squares }, new Float32Array(4), () => {
        for (const [i, step] of steps.entries()) parameters[i] += step;
      });
      for (const i of steps.keys())
        expected[i] = 0.999 * expected[i] + 0.001 * (parameters[i] - before[i]) ** 2;
    }
    for (const [i, value] of expected.entries()) expect(squares[0][i] / value).toBeCloseTo(1, 4);
  });

  it("only makes the update under other policies", () => {
    const scratch = Float32Array.of(7);
    let made = 0;
    applyAndObserve("none", kernels, { parameters: Float32Array.of(1), vectors: [] }, scratch, () => made++);
    expect([made, scratch[0]]).toEqual([1, 7]);
  });
});
