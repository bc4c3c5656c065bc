/** What the interpreter computes with: a shape and float64 numbers, whatever the dtype of the value in the graph. */
import type { Attribute, TensorType } from "../graph.ts";

/** A dense tensor, row-major. int32 and bool values are whole numbers in float64, where they are exact. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * Computes one kernel call: its inputs (null where an optional one is absent), attributes and output types to the
 * data of its outputs.
 */
export type Kernel = (
  inputs: readonly Tensor[],
  attributes: Attributes,
  outputs: readonly TensorType[],
) => readonly Float64Array[];

/** Kernels by TF.js name. */
export type KernelFamily = Readonly<Record<string, Kernel>>;

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Elements to skip for one step along each axis of a row-major tensor. */
export const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Row-major index of a coordinate. */
export function flatIndex(coordinate: readonly number[], strides: readonly number[]): number {
  return coordinate.reduce((index, at, axis) => index + at * strides[axis], 0);
}

/** Calls `visit` for every coordinate of a shape in row-major order; the array is the same one every time. */
export function forEachCoordinate(
  shape: readonly number[],
  visit: (coordinate: readonly number[], flat: number) => void,
): void {
  const coordinate = shape.map(() => 0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(coordinate, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++coordinate[axis] < shape[axis]) break;
      coordinate[axis] = 0;
    }
  }
}

/** For each element of the shape `to`, the index of the element of `from` that broadcasting puts there. */
export function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
  const indices = new Int32Array(sizeOf(to));
  const lead = to.length - from.length;
  const strides = stridesOf(from);
  forEachCoordinate(to, (coordinate, flat) => {
    indices[flat] = from.reduce(
      (index, size, axis) => index + (size === 1 ? 0 : coordinate[lead + axis] * strides[axis]),
      0,
    );
  });
  return indices;
}

/** Axes of a reduction as non-negative numbers; absent means all of them. */
export function axesOf(attribute: Attribute, rank: number): number[] {
  if (attribute === null || attribute === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const axes = (Array.isArray(attribute) ? attribute : [attribute]) as number[];
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Sizes that TF.js gives as one number per axis, or as one number for all. */
export function perAxis(attribute: Attribute, axes: number): readonly number[] {
  return Array.isArray(attribute) ? (attribute as number[]) : Array<number>(axes).fill(attribute as number);
}
