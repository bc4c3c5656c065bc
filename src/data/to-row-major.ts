/** Arrays in Fortran's order, the first index changing fastest, in C's, the last index changing fastest. */
import type { FlatNumbers } from "./to-column.ts";

export function toRowMajor<T extends FlatNumbers>(values: T, shape: readonly number[]): T {
  const rowMajor = values.slice() as T;
  if (shape.length < 2) return rowMajor;
  // Where in Fortran's order a step along each axis leads.
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < rowMajor.length; to++) {
    rowMajor[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return rowMajor;
}
