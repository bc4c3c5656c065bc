/**
 * Sizes of minibatches and where each begins, by their number alone.
 *
 * Equal workers finish in turn, so that every gradient is as stale as there are workers, the worst case for stability.
 * Minibatches of several sizes in random order let workers overtake each other: some gradients are fresh then and a
 * larger learning rate is stable, for the same examples per update.
 */
import { mix } from "../math/mix.ts";

/**
 * `none`: all of one size. `two`: a quarter of it and the rest of two. `exponential`: six sizes from an eighth to about
 * three times, whose spread is that of an exponential law.
 */
export type BatchJitter = "none" | "two" | "exponential";

/** Sizes in one block but for the last, relative to the mean; the last one makes the mean exact. */
const blocks: Readonly<Record<BatchJitter, readonly number[]>> = {
  none: [],
  two: [1 / 4],
  // With 27/8 as the last: mean 1, variance 1.13.
  exponential: [1 / 8, 1 / 4, 1 / 4, 1 / 2, 1 / 2, 1, 2],
};

/** The sizes of one block of minibatches; every block has the same ones, each in an order of its own. */
function blockSizes(batchSize: number, jitter: BatchJitter): number[] {
  const shares = blocks[jitter];
  let left = (shares.length + 1) * batchSize;
  const sizes = shares.map((share, i) => {
    // Each one that follows needs an example too.
    const most = left - (shares.length - i);
    const size = Math.min(most, Math.max(1, Math.round(share * batchSize)));
    left -= size;
    return size;
  });
  return [...sizes, left];
}

/** The sizes that occur, each once. */
export function batchSizes(batchSize: number, jitter: BatchJitter): number[] {
  return [...new Set(blockSizes(batchSize, jitter))];
}

export interface BatchPlace {
  /** Position of the first example, counted over all epochs. */
  readonly first: number;
  readonly size: number;
}

/**
 * Place and size of minibatch number `index`.
 *
 * Minibatches come in blocks of the same sizes, in an order that `seed` and the block's number decide, so that the mean
 * size is exactly `batchSize` and no call needs to know what came before.
 *
 * @param index An integer ≥ 0. @param batchSize Mean size, ≥ 1. @param seed Any integer.
 */
export function batchPlace(index: number, batchSize: number, jitter: BatchJitter, seed: number): BatchPlace {
  const sizes = blockSizes(batchSize, jitter);
  const block = Math.floor(index / sizes.length);
  shuffle(sizes, mix(seed ^ 0x2545f491) ^ block);
  const place = index % sizes.length;
  let first = block * sizes.length * batchSize;
  for (let i = 0; i < place; i++) first += sizes[i];
  return { first, size: sizes[place] };
}

/** How minibatches are cut out of the examples. */
interface BatchCut {
  /** Mean size, ≥ 1. */
  readonly batchSize: number;
  readonly batchJitter: BatchJitter;
  /**
   * Whether the last minibatch of an epoch is shorter where the examples do not fill it, as in `LayersModel.fit`; sizes do not
   * jitter then. Else it continues with the examples of the next epoch.
   */
  readonly cutAtEpochs: boolean;
}

/** Place and size of minibatch number `index`. @param examples Number of examples. Otherwise as {@link batchPlace}. */
export function minibatchPlace(
  index: number,
  { batchJitter, batchSize, cutAtEpochs }: BatchCut,
  seed: number,
  examples: number,
): BatchPlace {
  if (!cutAtEpochs) return batchPlace(index, batchSize, batchJitter, seed);
  const perEpoch = Math.ceil(examples / batchSize);
  const epoch = Math.floor(index / perEpoch);
  const place = (index - epoch * perEpoch) * batchSize;
  return { first: epoch * examples + place, size: Math.min(batchSize, examples - place) };
}

/** Fisher and Yates, with a hash of `seed` for the dice. */
function shuffle(values: number[], seed: number): void {
  let hash = seed;
  for (let last = values.length - 1; last > 0; last--) {
    hash = mix(hash + last - 1);
    const other = last - ((hash >>> 0) % (last + 1));
    [values[last], values[other]] = [values[other], values[last]];
  }
}
