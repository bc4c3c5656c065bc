/** What a single worker does around the tuner: clip the gradient, move the gradient mean, observe. */

import { clipScale } from "../../src/tuner/clip-scale.ts";
import {
  initYellowFin,
  updateYellowFin,
  type YellowFinEstimate,
  type YellowFinSettings,
} from "../../src/tuner/yellowfin-tuner.ts";

/** Estimates of the production tuner for a sequence of gradients. */
export function observeGradients(
  gradients: readonly (readonly number[])[],
  settings: YellowFinSettings = { slowStart: 200 },
): YellowFinEstimate[] {
  const state = initYellowFin();
  const mean = gradients[0].map(() => 0);
  let observeClip = Number.POSITIVE_INFINITY;
  return gradients.map((gradient) => {
    const raw = gradient.reduce((sum, g) => sum + g * g, 0);
    const scale = clipScale(raw, observeClip);
    for (const [i, g] of gradient.entries()) mean[i] += 0.001 * (scale * g - mean[i]);
    const meanSquaredNorm = mean.reduce((sum, m) => sum + m * m, 0);
    const estimate = updateYellowFin(
      state,
      { squaredNorm: raw * scale * scale, meanSquaredNorm, staleness: 0 },
      settings,
    );
    observeClip = estimate.observeClip;
    return estimate;
  });
}

/** Gradients of the golden trace: noise-like, a spike of 1000 at t = 30, all zero for t = 40 … 45. */
export function traceGradients(length: number): number[][] {
  const size = (t: number) => (t === 30 ? 1000 : t >= 40 && t <= 45 ? 0 : 1);
  return Array.from({ length }, (_, t) =>
    [0, 1, 2, 3].map((i) => size(t) * (1 + 0.1 * i) * (0.5 + Math.sin(0.7 * t + i))),
  );
}
