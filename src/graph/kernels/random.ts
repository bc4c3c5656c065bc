/** The random operators. They have no inputs and draw anew at every run. */
import { type Attributes, sizeOf } from "./tensor.ts";

/** Uniform numbers in [0, 1). */
export type UniformSource = () => number;

/** Draws the output of `RandomUniform` or `RandomNormal`. */
export function draw(
  op: string,
  attributes: Attributes,
  shape: readonly number[],
  random: UniformSource,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  if (op === "RandomUniform") {
    const { minval, maxval } = attributes as { minval: number; maxval: number };
    return out.map(() => minval + (maxval - minval) * random());
  }
  const { mean, stdDev, truncated } = attributes as { mean: number; stdDev: number; truncated: boolean };
  return out.map(() => {
    let z = standardNormal(random);
    // Truncated: drawn again until within two standard deviations.
    while (truncated && Math.abs(z) > 2) z = standardNormal(random);
    return mean + stdDev * z;
  });
}

/** One standard normal number. Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
function standardNormal(random: UniformSource): number {
  // 1 − u is in (0, 1], where the logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
