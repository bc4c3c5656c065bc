/** Where an element of an array is, for people: `[2, 0, 1]` as NumPy has it. */

/** @param flatIndex Row-major. @param shape Of the whole array. */
export function placeOf(flatIndex: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = flatIndex;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${place.join(", ")}]`;
}
