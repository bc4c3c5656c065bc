/** Losses as YellowFin's paper compares them: the mean curve of the seeds, smoothed over 1,000 updates, and its lowest. */
import { curveBlock } from "../../../src/shared/run-shape.ts";

/** Blocks of a curve that are averaged: 1,000 updates. */
const window = 1000 / curveBlock;

/** Mean of curves; as long as the shortest, as a run that ended early has no loss afterwards. */
export function meanCurve(curves: readonly (readonly number[])[]): number[] {
  const length = Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / curves.length);
}

/** Lowest mean of 1,000 updates in a row, of all updates where there are fewer; Infinity of none. */
export function lowestLoss(curve: readonly number[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...smoothed(curve));
}

/** Updates until the smoothed loss is as low as `target`; null if it never is, as where a run was lost. */
export function updatesToLowest(curve: readonly number[], target: number): number | null {
  const first = smoothed(curve).findIndex((loss) => loss <= target);
  return first < 0 ? null : curveBlock * (first + Math.min(window, curve.length));
}

/** Updates that each of two curves needs to the lowest loss that both reach; null where either has none. */
export function updatesToCommonLowest(
  one: readonly number[],
  other: readonly number[],
): readonly [one: number | null, other: number | null] {
  const target = Math.max(lowestLoss(one), lowestLoss(other));
  if (target === Number.POSITIVE_INFINITY) return [null, null];
  return [updatesToLowest(one, target), updatesToLowest(other, target)];
}

function smoothed(curve: readonly number[]): number[] {
  const width = Math.min(window, curve.length);
  return Array.from(
    { length: curve.length === 0 ? 0 : curve.length - width + 1 },
    (_, i) => curve.slice(i, i + width).reduce((sum, loss) => sum + loss, 0) / width,
  );
}
