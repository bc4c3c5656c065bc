/** What is told of a handful of repeated measurements. */

/** Statistics of the measurements of one contender, in their unit. */
export interface Statistics {
  readonly min: number;
  readonly median: number;
  /** Nine of ten measurements are at most this, by linear interpolation between neighbours. */
  readonly p90: number;
  readonly max: number;
}

/** @param values At least one finite number, in any order. */
export function statisticsOf(values: readonly number[]): Statistics {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    min: sorted[0],
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    max: sorted[sorted.length - 1],
  };
}

/** The value at `share · (n − 1)`, counted from 0 in ascending order, between its two neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** The least confidence of {@link medianInterval}. */
const confidence = 0.95;

/**
 * The narrowest interval between two of the values, equally far from both ends, that has the median of what they are drawn
 * from with a probability of at least 95 %, whatever its distribution; their whole range where there are too few values.
 *
 * With n values the median lies outside of the k-th least and k-th largest one with probability 2·P(B < k), B binomial of n
 * and ½.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let probability = 0.5 ** n;
  let below = 0;
  let place = 0;
  for (let k = 0; k < n / 2; k++) {
    below += probability;
    if (2 * below > 1 - confidence) break;
    place = k;
    probability *= (n - k) / (k + 1);
  }
  return [sorted[place], sorted[n - 1 - place]];
}
