/**
 * Finds the two parameters of a random op from the numbers that it drew off a known stream.
 *
 * Each op computes x = first + scale·z with z standard (uniform on [0, 1), or normal) and stores x as float32. With z
 * known, two samples give both parameters, and all other samples confirm them.
 */
import type { ConstantData } from "../graph/graph.ts";
import type { RandomOp } from "./pin-randomness.ts";
import { tf } from "./tf.ts";

/** What one recording saw of a random op. */
export interface Drawn {
  readonly pin: number;
  readonly data: ConstantData;
}

export interface Distribution {
  readonly op: "RandomUniform" | "RandomNormal";
  readonly attributes: Readonly<Record<string, number | boolean>>;
}

/** Both x and z are rounded to the 24 bits of float32, each by at most 2⁻²⁵ of itself; twice their sum is allowed. */
const relativeTolerance = 2 ** -23;

/**
 * Returns the distribution with the shortest decimal parameters that explains every sample to float32 precision,
 * or null if there is none (integer draws, a text seed).
 */
export function recoverDistribution(
  op: RandomOp,
  shape: readonly number[],
  draws: readonly Drawn[],
): Distribution | null {
  if (draws.some(({ data }) => !(data instanceof Float32Array))) return null;
  const z = draws.flatMap(({ pin }) => [...standardStream(op, shape, pin)]);
  const x = draws.flatMap(({ data }) => [...data]);
  const low = z.indexOf(z.reduce((a, b) => Math.min(a, b)));
  const high = z.indexOf(z.reduce((a, b) => Math.max(a, b)));
  const scale = (x[high] - x[low]) / (z[high] - z[low]);
  const first = x[low] - scale * z[low];
  const uniform = op === "randomUniform";
  // The arguments of the op: minval and maxval, or mean and stdDev.
  const [a, b] = uniform ? [first, first + scale] : [first, scale];
  for (let digits = 1; digits <= 9; digits++) {
    const [p, q] = rounded([a, b], digits);
    const slope = uniform ? q - p : q;
    const tolerance = relativeTolerance * (Math.abs(p) + Math.abs(slope) + Math.abs(q));
    if (
      !x.every((value, i) => Math.abs(value - (p + slope * z[i])) <= tolerance * Math.max(1, Math.abs(z[i])))
    )
      continue;
    if (uniform) return { op: "RandomUniform", attributes: { minval: p, maxval: q } };
    return { op: "RandomNormal", attributes: { mean: p, stdDev: q, truncated: op === "truncatedNormal" } };
  }
  return null;
}

/** What the op draws with parameters 0 and 1 when its generator has the seed `pin`. */
function standardStream(op: RandomOp, shape: readonly number[], pin: number): Float32Array {
  const tensor = tf[op]([...shape], 0, 1, "float32", pin);
  try {
    return tensor.dataSync<"float32">();
  } finally {
    tensor.dispose();
  }
}

/** Rounds both numbers to decimals such that the larger one keeps `digits` significant digits. */
function rounded(pair: readonly [number, number], digits: number): [number, number] {
  const size = Math.max(...pair.map(Math.abs));
  if (size === 0) return [0, 0];
  const decimals = digits - 1 - Math.floor(Math.log10(size));
  const unit = 10 ** -decimals;
  // Adding 0 turns −0 into 0.
  const round = (value: number) =>
    (decimals < 0 ? Math.round(value / unit) * unit : Number(value.toFixed(Math.min(decimals, 100)))) + 0;
  return [round(pair[0]), round(pair[1])];
}
