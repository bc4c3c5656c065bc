/** Integers of 64 bits as numbers of JavaScript. */
import { placeOf } from "./place-of.ts";

/** Every integer up to this one is a number of its own in float64. */
const maxExact = 2n ** 53n;

/**
 * Int32 where all of them fit, as class indices of Python's frameworks do; else float64, exactly.
 *
 * @param refuse Makes the error from the rule that an integer breaks, what was found, and its flat index.
 */
export function narrowIntegers(
  values: BigInt64Array | BigUint64Array,
  shape: readonly number[],
  refuse: (rule: string, received: unknown, index: number) => Error,
): Int32Array | Float64Array {
  // Both kinds of arrays have the methods below; TypeScript calls none of a union of them.
  const integers = values as BigInt64Array;
  const wrong = integers.findIndex((value) => value > maxExact || value < -maxExact);
  if (wrong >= 0) {
    const rule = "every integer must be in [−2⁵³, 2⁵³], beyond which neighbours are one number";
    throw refuse(rule, `${integers[wrong]} at ${placeOf(wrong, shape)}`, wrong);
  }
  const narrow = integers.every((value) => BigInt.asIntN(32, value) === value);
  return narrow ? Int32Array.from(integers, Number) : Float64Array.from(integers, Number);
}
