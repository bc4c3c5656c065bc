/** Histograms of staleness, and the law that they are compared with. */
import type { Chart } from "../../src/pages/chart.ts";

/** Staleness above this many times its mean is rare, and not drawn. */
const drawnMeans = 4;

/**
 * Share of updates with staleness l, where each of M workers is as likely as any to come next: (1/M)(1 − 1/M)^l.
 *
 * Source: Mitliagkas, Zhang, Hadjis, Ré, "Asynchrony begets Momentum", arXiv:1605.09774, Theorem 3.
 */
export const geometricShare = (workers: number, staleness: number): number =>
  (1 / workers) * (1 - 1 / workers) ** staleness;

/** Elementwise sum of histograms of different lengths. */
export function addCounts(histograms: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...histograms.map((counts) => counts.length));
  return Array.from({ length }, (_, i) => histograms.reduce((sum, counts) => sum + (counts[i] ?? 0), 0));
}

/** @param named Histograms with their names; all of one number of workers. */
export function stalenessChart(
  title: string,
  workers: number,
  named: readonly { readonly name: string; readonly counts: readonly number[] }[],
): Chart {
  const at = Array.from({ length: drawnMeans * workers }, (_, staleness) => staleness);
  const series = named.map(({ counts, name }) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { name, x: at, y: at.map((staleness) => (counts[staleness] ?? 0) / total) };
  });
  const law = { name: "geometric law", x: at, y: at.map((staleness) => geometricShare(workers, staleness)) };
  return {
    kind: "lines",
    title,
    x: { label: "staleness, updates" },
    y: { label: "share of the updates", min: 0 },
    series: [...series, { ...law, style: "dashed" }],
  };
}
