/** Seeded random numbers. The one door to pure-rand. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const range = 2 ** 32;

/**
 * A stream of uniform numbers in [0, 1) with 32 random bits each.
 *
 * @param seed Any int32; equal seeds give equal streams.
 */
export function createRandom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformInt(generator, 0, range - 1) / range;
}
