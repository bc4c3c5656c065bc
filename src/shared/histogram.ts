/**
 * Counts of small integers since the start of a run, one bucket each, and one bucket for all larger ones.
 *
 * Writer: one thread. Readers: any thread, at any time; each count is one aligned 32-bit integer, which never
 * tears, but the counts of one reading may be a few updates apart. A bucket wraps after 2³² values.
 */
import { kept, region } from "./layout.ts";

export class Histogram {
  /** Bucket b counts value b; the last bucket counts everything larger. */
  readonly counts: Uint32Array;

  /** @param buckets Values counted one by one: 0 … buckets − 1. */
  static regions(buckets: number) {
    return region("uint32", buckets + 1, kept);
  }

  constructor(counts: Uint32Array) {
    this.counts = counts;
  }

  /** @param value An integer ≥ 0. */
  add(value: number): void {
    this.counts[Math.min(value, this.counts.length - 1)]++;
  }
}
