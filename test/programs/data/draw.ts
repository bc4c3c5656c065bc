/** What data are made of, from a stream of uniform numbers. */

export type Random = () => number;

/** A number of the normal distribution of mean 0 and variance 1 (Box and Muller). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** @returns An integer in [0, n). */
export const integer = (random: Random, n: number): number => Math.floor(n * random());

export const pick = <T>(random: Random, of: readonly T[]): T => of[integer(random, of.length)];

export const times = <T>(n: number, make: (i: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));
