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
