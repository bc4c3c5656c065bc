/** Seeded random numbers. The one door to pure-rand. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { mix } from "./mix.ts";

const range = 2 ** 32;

/**
 * A stream of uniform numbers in [0, 1) with 32 random bits each.
 *
 * @param seed Any int32; equal seeds give equal streams.
 */
export function createRandom(seed: number): () => number {
  // Mixed, since streams of neighbouring seeds begin nearly alike.
  const generator = xoroshiro128plus(mix(seed));
  return () => uniformInt(generator, 0, range - 1) / range;
}

/**
 * A stream of uniform numbers in [0, 1) with 24 random bits each, which float32 holds exactly; a quarter of the time of
 * {@link createRandom} for each.
 *
 * @param seed Any int32; equal seeds give equal streams.
 */
export function createUniform(seed: number): () => number {
  const generator = xoroshiro128plus(mix(seed));
  return () => (generator.next() >>> 8) * 2 ** -24;
}
