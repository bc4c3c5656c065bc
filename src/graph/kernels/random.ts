/**
 * The random operators: what a minibatch draws depends on the seed and the minibatch alone, so that it is the same on any
 * thread, in any order and after a run was resumed.
 */
import { mix } from "../../math/mix.ts";
import { createUniform } from "../../math/random.ts";
import type { Graph } from "../graph.ts";
import { type Attributes, sizeOf } from "./tensor.ts";

/** A random operator of a program, and where its numbers lie in the flat array of all of them. */
export interface RandomOperator {
  readonly op: string;
  readonly attributes: Attributes;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export const isRandom = (op: string): boolean => op === "RandomUniform" || op === "RandomNormal";

/** The random operators of a graph, in the order of its nodes. */
export function randomOperators({ nodes, values }: Graph): RandomOperator[] {
  let offset = 0;
  return nodes
    .filter(({ op }) => isRandom(op))
    .map(({ attributes, op, outputs }) => {
      const { shape } = values[outputs[0]];
      const length = sizeOf(shape);
      offset += length;
      return { op, attributes, shape, offset: offset - length, length };
    });
}

/**
 * Draws the outputs of all random operators.
 *
 * @param stream An integer ≥ 0, such as the number of a minibatch: equal seeds and streams give equal numbers.
 * @param into `[length of all operators]`.
 */
export function draw(
  operators: readonly RandomOperator[],
  seed: number,
  stream: number,
  into: Float32Array,
): void {
  for (const [i, { attributes, length, offset, op }] of operators.entries()) {
    const uniform = createUniform(mix(mix(seed ^ 0x1b873593) + stream) + i);
    const out = into.subarray(offset, offset + length);
    if (op === "RandomUniform") drawUniform(attributes, uniform, out);
    else drawNormal(attributes, uniform, out);
  }
}

function drawUniform(attributes: Attributes, uniform: () => number, out: Float32Array): void {
  const { minval, maxval } = attributes as { minval: number; maxval: number };
  for (let k = 0; k < out.length; k++) out[k] = minval + (maxval - minval) * uniform();
}

function drawNormal(attributes: Attributes, uniform: () => number, out: Float32Array): void {
  const { mean, stdDev, truncated } = attributes as { mean: number; stdDev: number; truncated?: boolean };
  for (let k = 0; k < out.length; k++) {
    let z = standardNormal(uniform);
    // Truncated: drawn again until within two standard deviations.
    while (truncated && Math.abs(z) > 2) z = standardNormal(uniform);
    out[k] = mean + stdDev * z;
  }
}

/** One standard normal number. Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
function standardNormal(uniform: () => number): number {
  // 1 − u is in (0, 1], where the logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
