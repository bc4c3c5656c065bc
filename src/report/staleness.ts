/** Statistics of staleness from its histogram. */

/** In updates; null before the first update. What the last bin holds counts with that bin's value. */
export interface StalenessSummary {
  /** Average over all updates. */
  readonly mean: number | null;
  /** Median. */
  readonly p50: number | null;
  /** 90 of 100 updates had no more than this. */
  readonly p90: number | null;
  /** The stalest update. */
  readonly max: number | null;
}

/**
 * Summarises a histogram.
 *
 * @param counts `counts[τ]` updates had staleness τ; the last bin holds all that were staler, too.
 * @returns Percentile p is the smallest τ such that at least p % of all updates had τ or less.
 */
export function summarizeStaleness(counts: ArrayLike<number>): StalenessSummary {
  let total = 0;
  let sum = 0;
  let max: number | null = null;
  for (let staleness = 0; staleness < counts.length; staleness++) {
    const count = counts[staleness];
    total += count;
    sum += staleness * count;
    if (count > 0) max = staleness;
  }
  if (total === 0) return { mean: null, p50: null, p90: null, max: null };
  return {
    mean: sum / total,
    p50: percentile(counts, 0.5 * total),
    p90: percentile(counts, 0.9 * total),
    max,
  };
}

/** Smallest staleness that `rank` updates do not exceed. */
function percentile(counts: ArrayLike<number>, rank: number): number {
  let seen = 0;
  let staleness = -1;
  while (seen < rank) seen += counts[++staleness];
  return staleness;
}
