/** Copies checked numbers into a column in shared memory. */
import type { Column, ColumnData } from "./dataset.ts";
import { placeOf } from "./place-of.ts";

/** Numbers in one flat array, row-major. */
export type FlatNumbers =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Flat numbers, also in a plain array. */
export type Numbers = FlatNumbers | readonly number[];

/**
 * Makes a column without scaling. Bytes stay bytes, all other numbers take 32 bits.
 *
 * @param refuse Makes the error from the rule that a number breaks and the number.
 */
export function toColumn(
  name: string,
  { shape, values }: { readonly shape: readonly number[]; readonly values: Numbers },
  dtype: "float32" | "int32",
  refuse: (rule: string, received?: unknown) => Error,
): Column {
  const bytes = values instanceof Uint8Array || values instanceof Uint8ClampedArray;
  if (!bytes) {
    const wrong = values.findIndex(
      dtype === "int32" ? (value) => !isInt32(value) : (value) => !isFloat32(value),
    );
    if (wrong >= 0) {
      const rule = dtype === "int32" ? "an integer of 32 bits" : "finite in float32";
      const width = shape.reduce((product, size) => product * size, 1);
      const place = placeOf(wrong, [values.length / width, ...shape]);
      throw refuse(`every number in ${name} must be ${rule}`, `${values[wrong]} at ${place}`);
    }
  }
  const data = allocate(bytes ? "uint8" : dtype, values.length);
  data.set(values);
  return { data, shape: [...shape], dtype, scale: 1, offset: 0 };
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function isFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

function allocate(type: "uint8" | "int32" | "float32", length: number): ColumnData {
  if (type === "uint8") return new Uint8Array(new SharedArrayBuffer(length));
  const shared = new SharedArrayBuffer(4 * length);
  return type === "int32" ? new Int32Array(shared) : new Float32Array(shared);
}
