/**
 * Declarative byte layouts: a tree of named arrays in, one offset per array and typed views out.
 *
 * Owns placing and viewing. Every array begins on a cache line of its own, so that two threads that write
 * neighbouring arrays do not slow each other down ("false sharing"). The order of the arrays in memory is the
 * order of the keys in the tree.
 */

/** Bytes of a cache line on every machine that matters here (Apple's 128-byte lines pair two of them). */
export const cacheLineBytes = 64;

/** The typed array of each element type. */
interface ArrayOf {
  uint8: Uint8Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  float32: Float32Array;
  float64: Float64Array;
}

export type ElementType = keyof ArrayOf;

type ArrayType<T extends ElementType> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): ArrayOf[T];
};

const arrayTypes: { readonly [T in ElementType]: ArrayType<T> } = {
  uint8: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** What a checkpoint makes of an array. */
export type Lifetime =
  | { readonly kept: false; readonly grows: false }
  | {
      readonly kept: true;
      /** Whether it is longer in a longer run, so that a run that is extended has more room in it. */
      readonly grows: boolean;
    };

/** A run continues from it. */
export const kept: Lifetime = { kept: true, grows: false };
/** A run continues from it, and one that is extended has more room in it. */
export const keptAndGrowing: Lifetime = { kept: true, grows: true };
/** Valid only within one process: computed again, agreed again, or set from the options. */
export const transient: Lifetime = { kept: false, grows: false };

/** One array of the layout. */
export class Region<T extends ElementType = ElementType> {
  readonly type: T;
  readonly length: number;
  readonly lifetime: Lifetime;

  /** @param length Number of elements, ≥ 0. @throws {RangeError} If `length` is not a non-negative integer. */
  constructor(type: T, length: number, lifetime: Lifetime) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`Cannot lay out an array: its length must be an integer ≥ 0 (got ${length})`);
    }
    this.type = type;
    this.length = length;
    this.lifetime = lifetime;
  }
}

/** Declares an array, and with it what checkpoints make of it. */
export const region = <T extends ElementType>(type: T, length: number, lifetime: Lifetime): Region<T> =>
  new Region(type, length, lifetime);

/** A layout: arrays, lists and records of them, nested at will. */
export type Regions = Region | readonly Regions[] | { readonly [name: string]: Regions };

/** The typed arrays of a layout, in the same tree. */
export type Views<R> =
  R extends Region<infer T>
    ? ArrayOf[T]
    : R extends readonly (infer Element)[]
      ? readonly Views<Element>[]
      : { readonly [K in keyof R]: Views<R[K]> };

/** Bytes that `regions` take, a multiple of {@link cacheLineBytes}. */
export function byteLengthOf(regions: Regions): number {
  let end = 0;
  walk(regions, 0, (_, after) => {
    end = after;
  });
  return end;
}

/**
 * Views of `buffer`, laid out as `regions` say.
 *
 * @param start Byte offset of the first array, a multiple of {@link cacheLineBytes}.
 * @throws {RangeError} If the layout does not fit in the buffer or `start` is not aligned.
 */
export function viewsOf<R extends Regions>(regions: R, buffer: SharedArrayBuffer, start = 0): Views<R> {
  if (start % cacheLineBytes !== 0) {
    throw new RangeError(`Cannot lay out arrays: they must start on a cache line (got offset ${start})`);
  }
  return walk(regions, start, ({ type, length }, after) => {
    const byteLength = length * arrayTypes[type].BYTES_PER_ELEMENT;
    const offset = after - roundUp(byteLength);
    return new arrayTypes[type](buffer, offset, length);
  }) as Views<R>;
}

/** An array of a layout: its path in the tree, such as `rings.0.records`, and its views. */
export interface NamedArray {
  readonly name: string;
  readonly array: ArrayOf[ElementType];
  readonly lifetime: Lifetime;
}

/** Every array of a layout in the order of memory. @param views From {@link viewsOf} with the same `regions`. */
export function namedArrays<R extends Regions>(regions: R, views: Views<R>): NamedArray[] {
  const collect = (node: Regions, view: unknown, name: string): NamedArray[] => {
    if (node instanceof Region) {
      return [{ name, array: view as ArrayOf[ElementType], lifetime: node.lifetime }];
    }
    return Object.entries(node).flatMap(([key, child]) =>
      collect(child, (view as Record<string, unknown>)[key], name === "" ? key : `${name}.${key}`),
    );
  };
  return collect(regions, views, "");
}

/** Calls `visit(region, end offset)` for every array in order, and returns the tree of its results. */
function walk<T>(regions: Regions, start: number, visit: (region: Region, after: number) => T): unknown {
  let after = start;
  const place = (node: Regions): unknown => {
    if (node instanceof Region) {
      after += roundUp(node.length * arrayTypes[node.type].BYTES_PER_ELEMENT);
      return visit(node, after);
    }
    if (Array.isArray(node)) return node.map(place);
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, place(child)]));
  };
  return place(regions);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / cacheLineBytes) * cacheLineBytes;
}
