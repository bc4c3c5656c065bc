/** The one-step problem at the heart of YellowFin, solved exactly. */
import { cannot } from "../errors.ts";

export interface MomentumAndStep {
  /** μ in [0, 1]; 1 only where κ or the noise is beyond float64. */
  readonly momentum: number;
  /** α > 0. */
  readonly stepSize: number;
}

/** Newton from the right needs about six steps; the bound only stops a cycle in the last bit. */
const maxSteps = 64;

/**
 * Returns the momentum and step size that minimise the expected squared distance to the optimum after one step of
 * noisy momentum SGD on a quadratic.
 *
 * Solves  min μ·D² + α²·C  subject to  √μ ≥ (√κ − 1)/(√κ + 1)  and  α = (1 − √μ)²/hMin,  κ = hMax/hMin. Without the
 * first constraint r = 1 − √μ is the root of r³ = p·(1 − r) with p = D²·hMin²/(2C). We leave the authors' code here:
 * its closed form adds an ε to D, C and hMin, which fixes a scale for the gradients and loses the digits of small √μ.
 *
 * @param distance D, estimated L2 distance to the optimum. Parameter units, > 0.
 * @param variance C, gradient variance summed over coordinates. Gradient units², > 0.
 * @param hMin Smallest curvature in the window, > 0.
 * @param hMax Largest curvature, ≥ `hMin`.
 * @throws {RangeError} If an argument is not finite or breaks a bound above.
 *
 * @example
 * ```ts
 * singleStep(1, 1e-12, 1, 9); // → { momentum: 0.25, stepSize: 0.25 }
 * ```
 *
 * Source: Zhang, Mitliagkas, Ré, "YellowFin and the Art of Momentum Tuning", arXiv:1706.03471, §3.1.
 */
export function singleStep(distance: number, variance: number, hMin: number, hMax: number): MomentumAndStep {
  requirePositive("distance", distance);
  requirePositive("variance", variance);
  requirePositive("hMin", hMin);
  if (!(hMax >= hMin && hMax < Number.POSITIVE_INFINITY)) {
    throw new RangeError(cannot("solve the single step", `hMax must be finite and ≥ hMin = ${hMin}`, hMax));
  }
  const p = ((distance * hMin) / variance) * ((distance * hMin) / 2);
  const noiseBound = oneMinusRoot(p);
  // Two roots instead of √(hMax/hMin): the quotient overflows where its root does not.
  const rootOfKappa = Math.sqrt(hMax) / Math.sqrt(hMin);
  const curvatureBound = 2 / (rootOfKappa + 1);
  if (curvatureBound < noiseBound) {
    const root = (rootOfKappa - 1) / (rootOfKappa + 1);
    return { momentum: root * root, stepSize: stepSize(curvatureBound, hMin) };
  }
  // For large p, 1 − r has lost its digits and r³/p has them.
  const root = p > 1 ? noiseBound ** 3 / p : 1 - noiseBound;
  return { momentum: root * root, stepSize: stepSize(noiseBound, hMin) };
}

/** The root r in (0, 1] of r³ = p·(1 − r), p ≥ 0. */
function oneMinusRoot(p: number): number {
  const q = Math.max(p, Number.MIN_VALUE);
  // r³ + q·r − q is convex and increasing for r ≥ 0, and 1 and ∛q are right of its root: Newton comes down to it.
  let r = Math.min(1, Math.cbrt(q));
  for (let step = 0; step < maxSteps; step++) {
    const next = (2 * r * r * r + q) / (3 * r * r + q);
    if (!(next < r)) break;
    r = next;
  }
  return r;
}

/** α = r²/hMin, squared last so that neither square leaves float64. */
function stepSize(r: number, hMin: number): number {
  const rootOfStep = r / Math.sqrt(hMin);
  return Math.max(Number.MIN_VALUE, rootOfStep * rootOfStep);
}

function requirePositive(name: string, value: number): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new RangeError(cannot("solve the single step", `${name} must be finite and > 0`, value));
}
