/** What the momentum that workers apply is steered by, where an optimizer sets it by itself. */

/**
 * `closed`: what asynchrony adds, by the measured staleness, is taken out of the momentum applied, and the back-off is on.
 * `published`: the momentum is steered by the measured total momentum, as in the paper. `open`: the tuner's own.
 */
export type LoopName = (typeof loopNames)[number];

export const loopNames = ["closed", "published", "open"] as const;
