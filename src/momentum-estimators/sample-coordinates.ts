/** Which coordinates of the parameter vector the total momentum is measured at. */
import { createRandom } from "../math/random.ts";

/**
 * `count` coordinates, evenly spread with a random place in each stretch, so that every tensor has its share.
 *
 * @param length Coordinates to choose from, ≥ 1. @param count In [1, `length`]. @param seed Any int32.
 * @returns `[count]`, strictly increasing, each in [0, `length`).
 */
export function sampleCoordinates(length: number, count: number, seed: number): Int32Array {
  const random = createRandom(seed);
  return Int32Array.from({ length: count }, (_, i) => Math.floor(((i + random()) * length) / count));
}
