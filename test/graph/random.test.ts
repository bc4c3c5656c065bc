import { describe, expect, it } from "vitest";
import { draw, type RandomOperator } from "../../src/graph/kernels/random.ts";

const uniform = { op: "RandomUniform", attributes: { minval: -1, maxval: 3 } };
const normal = { op: "RandomNormal", attributes: { mean: 2, stdDev: 0.5, truncated: false } };
const truncated = { op: "RandomNormal", attributes: { mean: 2, stdDev: 0.5, truncated: true } };

/** The numbers of operators of one length each, one array per operator. */
function drawn(
  operators: readonly Pick<RandomOperator, "op" | "attributes">[],
  { length = 5, seed = 1, stream = 0 } = {},
): number[][] {
  const into = new Float32Array(length * operators.length);
  const places = operators.map((operator, i) => ({
    ...operator,
    shape: [length],
    offset: i * length,
    length,
  }));
  draw(places, seed, stream, into);
  return places.map(({ offset }) => [...into.subarray(offset, offset + length)]);
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const deviation = (numbers: readonly number[]) => {
  const center = mean(numbers);
  return Math.sqrt(mean(numbers.map((x) => (x - center) ** 2)));
};

describe("what random operators draw", () => {
  it("is decided by seed, stream and place, and by nothing else", () => {
    const both = [uniform, uniform];
    const numbers = drawn(both);
    expect(drawn(both)).toEqual(numbers);
    expect(numbers[1]).not.toEqual(numbers[0]);
    expect(drawn(both, { seed: 2 })).not.toEqual(numbers);
    // Beyond 32 bits, and where seed and stream have the same sum.
    for (const options of [{ stream: 1 }, { seed: 2, stream: -1 }, { seed: 0, stream: 1 }]) {
      expect(drawn(both, options)).not.toEqual(numbers);
    }
    // The first operator's numbers are not those of a longer list's.
    expect(drawn([uniform, normal])[0]).toEqual(numbers[0]);
  });

  it("has nothing in common between neighbouring streams", () => {
    const firsts = Array.from({ length: 1000 }, (_, stream) => drawn([uniform], { stream })[0][0]);
    const differences = firsts.slice(1).map((first, i) => Math.abs(first - firsts[i]) / 4);
    // The mean of |u − v| is 1/3 with standard deviation √(1/18); five standard errors of 999, neighbours share one.
    expect(Math.abs(mean(differences) - 1 / 3)).toBeLessThan(0.047);
  });
});

// Bounds are five standard errors: of a mean σ/√20000 = .0071σ, of a deviation of a normal σ/√40000 = .005σ.
describe("a random operator has its distribution", () => {
  const options = { length: 20_000 };

  it("RandomUniform fills its range", () => {
    const [numbers] = drawn([uniform], options);
    // [−1, 3): mean 1, deviation 4/√12 = 1.1547
    expect(Math.abs(mean(numbers) - 1)).toBeLessThan(5 * 0.0071 * 1.1547);
    expect(Math.abs(deviation(numbers) - 1.1547)).toBeLessThan(0.03);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(3);
    expect(Math.max(...numbers) - Math.min(...numbers)).toBeGreaterThan(3.99);
  });

  it("RandomNormal has tails", () => {
    const [numbers] = drawn([normal], options);
    expect(Math.abs(mean(numbers) - 2)).toBeLessThan(5 * 0.0071 * 0.5);
    expect(Math.abs(deviation(numbers) - 0.5)).toBeLessThan(5 * 0.005 * 0.5);
    // 4.55 % lie beyond two deviations, √(0.0455·0.9545/20000) = 0.0015.
    const beyond = mean(numbers.map((x) => (Math.abs(x - 2) > 1 ? 1 : 0)));
    expect(Math.abs(beyond - 0.0455)).toBeLessThan(5 * 0.0015);
  });

  it("a truncated RandomNormal is drawn again, not moved to the limits", () => {
    const [numbers] = drawn([truncated], options);
    expect(numbers.filter((x) => Math.abs(x - 2) > 1 + 1e-6)).toEqual([]);
    expect(numbers.filter((x) => Math.abs(x - 2) > 1 - 1e-6).length).toBeLessThan(5);
    expect(Math.abs(mean(numbers) - 2)).toBeLessThan(5 * 0.0071 * 0.44);
    // Variance within ±2: 1 − 4φ(2)/(2Φ(2) − 1) = 1 − 4·0.05399/0.9545 = 0.77374, deviation 0.8796.
    expect(Math.abs(deviation(numbers) - 0.8796 * 0.5)).toBeLessThan(0.01);
  });
});
