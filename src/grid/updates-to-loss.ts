/** How many updates a run took until its training loss was low. */
import { curveBlock } from "../shared/run-shape.ts";

/** Blocks of the curve of losses that are averaged: a single one is low by chance too often. */
const blocks = 2;

/** Mean losses of 100 updates in a row, every 50 updates. */
export function smoothedLosses(lossCurve: readonly number[]): number[] {
  return lossCurve.slice(1).map((loss, i) => (loss + lossCurve[i]) / blocks);
}

/**
 * Updates until the mean loss of 100 updates in a row is low enough.
 *
 * @param lossCurve As `train()` gives it, mean losses of 50 updates.
 * @returns A multiple of 50, or null where the loss was never as low as `target`.
 */
export function updatesToLoss(lossCurve: readonly number[], target: number): number | null {
  const first = smoothedLosses(lossCurve).findIndex((mean) => mean <= target);
  return first < 0 ? null : curveBlock * (first + blocks);
}
