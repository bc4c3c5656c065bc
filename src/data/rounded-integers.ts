/** Integers that float32, which has 24 bits for them, takes for a neighbour: numbers of orders, times in milliseconds. */
import { placeOf } from "./place-of.ts";
import type { Numbers } from "./to-column.ts";

/** @param shape Of the whole array. @returns The first one and its place; null if there is none. */
export function roundedIntegers(values: Numbers, shape: readonly number[]): string | null {
  if (values instanceof Float32Array) return null;
  const index = values.findIndex((value) => Number.isInteger(value) && Math.fround(value) !== value);
  return index < 0 ? null : `${values[index]} at ${placeOf(index, shape)}`;
}
