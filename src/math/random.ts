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
  const generator = xoroshiro128plus(mix(seed));
  return () => uniformInt(generator, 0, range - 1) / range;
}

/**
 * A bijection of 32 bits that turns one changed bit into half of all: the generator's first numbers are nearly alike for
 * seeds that are.
 *
 * Source: A. Appleby, MurmurHash3, 32-bit finalizer.
 */
function mix(seed: number): number {
  let bits = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
