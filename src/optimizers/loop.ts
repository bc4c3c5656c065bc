/** What the momentum that workers apply is steered by, where an optimizer sets it by itself. */

/**
 * `corrected`: what asynchrony adds, by the measured staleness, is taken out of the momentum applied, and the back-off is on.
 * `feedback`: the momentum is steered by the measured total momentum, which is YellowFin's Algorithm 5 as published.
 * `none`: the tuner's own momentum is applied.
 */
export type LoopName = (typeof loopNames)[number];

export const loopNames = ["corrected", "feedback", "none"] as const;

/** Earlier names, which still work. */
export const loopAliases = { closed: "corrected", published: "feedback", open: "none" } as const;
