/**
 * A bijection on 32-bit integers in which every input bit changes each output bit with probability near 1/2.
 *
 * Source: A. Appleby, MurmurHash3, 32-bit finalizer.
 */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
