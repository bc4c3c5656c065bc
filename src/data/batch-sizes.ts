/**
 * Sizes of minibatches and where each begins, by their number alone.
 *
 * Equal workers finish in turn, so that every gradient is as stale as there are workers, the worst case for stability.
 * Minibatches of two sizes in random order let workers overtake each other: some gradients are fresh then and a larger
 * learning rate is stable, for the same examples per update.
 */
import { mix } from "../math/mix.ts";

/** `none`: all of one size. `two`: a quarter of it and the rest of two, in pairs of random order. */
export type BatchJitter = "none" | "two";

/** The sizes that occur, each once. */
export function batchSizes(batchSize: number, jitter: BatchJitter): number[] {
  if (jitter === "none") return [batchSize];
  const small = Math.max(1, Math.round(batchSize / 4));
  const large = 2 * batchSize - small;
  return small === large ? [small] : [small, large];
}

export interface BatchPlace {
  /** Position of the first example, counted over all epochs. */
  readonly first: number;
  readonly size: number;
}

/**
 * Place and size of minibatch number `index`.
 *
 * With `two`, minibatches 2k and 2k + 1 are a small and a large one in an order that `seed` and k decide, so that
 * the mean size is exactly `batchSize` and nobody needs to know what came before.
 *
 * @param index An integer ≥ 0. @param batchSize Mean size, ≥ 1. @param seed Any integer.
 */
export function batchPlace(index: number, batchSize: number, jitter: BatchJitter, seed: number): BatchPlace {
  if (jitter === "none") return { first: index * batchSize, size: batchSize };
  const sizes = batchSizes(batchSize, jitter);
  const pair = Math.floor(index / 2);
  const bit = mix(mix(seed ^ 0x2545f491) ^ pair) & 1;
  const size = sizes[(bit ^ (index & 1)) % sizes.length];
  const first = 2 * batchSize * pair;
  return { first: index % 2 === 0 ? first : first + 2 * batchSize - size, size };
}
