/** Seeded choices for the rows of the conformance suite. */
import { createRandom } from "../../src/math/random.ts";

export interface Draw {
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  pick<T>(options: readonly T[]): T;
}

function draw(seed: number): Draw {
  const random = createRandom(seed);
  const integer = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return { integer, pick: (options) => options[integer(0, options.length - 1)] };
}

/** Makes one row per seed, 1 … `count`. */
export function rows<T>(count: number, make: (choices: Draw, seed: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(draw(i + 1), i + 1));
}
