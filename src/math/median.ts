/** The median of a stretch of numbers. The one door to quickselect. */
import quickselect from "quickselect";

/**
 * The lower median of `values[0 … count − 1]`, found by partial sorting in place.
 *
 * @param count Number of values that take part, ≥ 1. @returns An element of `values`.
 */
export function medianInPlace(values: Float64Array, count: number): number {
  const middle = (count - 1) >> 1;
  // quickselect's types name number[], its code reads and writes any indexed sequence.
  quickselect(values as unknown as number[], middle, 0, count - 1);
  return values[middle];
}
