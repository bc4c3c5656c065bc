/** Nested arrays of numbers as one flat array and a shape. */

/** Arrays of arrays … of numbers, all rows of one length. */
export type Nested = readonly number[] | readonly Nested[];

/**
 * Flattens row-major.
 *
 * @param refuse Makes the error from the rule, which follows the array's name, and the value that broke it.
 */
export function flattenNested(
  array: Nested,
  refuse: (rule: string, received?: unknown) => Error,
): { values: number[]; shape: number[] } {
  const shape: number[] = [];
  for (let level: unknown = array; Array.isArray(level); level = level[0]) {
    if (level.length === 0) throw refuse("must hold no empty array", "[]");
    shape.push(level.length);
  }
  const values: number[] = [];
  const visit = (level: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof level !== "number") throw refuse("must hold numbers", `${show(level)} at ${path}`);
      values.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis]) {
      throw refuse(`must be rows of one shape, [${shape.join(", ")}] in all`, `${show(level)} at ${path}`);
    }
    // Not forEach(), which leaves out the holes of a sparse array.
    for (let index = 0; index < level.length; index++) visit(level[index], axis + 1, `${path}[${index}]`);
  };
  visit(array, 0, "");
  return { values, shape };
}

function show(value: unknown): string {
  return Array.isArray(value)
    ? `${value.length} items`
    : value === undefined
      ? "nothing"
      : `a ${typeof value}`;
}
