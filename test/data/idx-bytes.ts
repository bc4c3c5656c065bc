/** The bytes of an idx file: header by the shape, then the elements as they are given. */
export function idxBytes(shape: readonly number[], elements: ArrayLike<number>, type = 0x08): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...Array.from(elements)]);
}
