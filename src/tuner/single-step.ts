/** The one-step problem at the heart of YellowFin, solved exactly. */
import { cannot } from "../errors.ts";

export interface MomentumAndStep {
  /** μ in [0, 1). */
  readonly momentum: number;
  /** α > 0. */
  readonly stepSize: number;
}

/** Newton steps from the right need about six; the bound only stops a cycle in the last bit. */
const maxSteps = 64;

/**
 * Returns the momentum and step size that minimise the expected squared distance to the optimum after one step of
 * noisy momentum SGD on a quadratic.
 *
 * Solves  min μ·D² + α²·C  subject to  √μ ≥ (√κ − 1)/(√κ + 1)  and  α = (1 − √μ)²/hMin,  κ = hMax/hMin. Without the
 * first constraint x = √μ satisfies (1 − x)³ = p·x with p = D²·hMin²/(2C). It is solved for r = 1 − x, and x is then
 * r³/p, which keeps its digits however small it is; the authors' closed form needs an ε and loses them.
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
  const noisy = rootOfMomentum(p);
  const sqrtKappa = Math.sqrt(hMax / hMin);
  const root = Math.max(noisy, (sqrtKappa - 1) / (sqrtKappa + 1));
  return { momentum: root * root, stepSize: ((1 - root) * (1 - root)) / hMin };
}

/** The root x in [0, 1] of (1 − x)³ = p·x, p ≥ 0. */
function rootOfMomentum(p: number): number {
  if (p === 0) return 1 - Number.EPSILON;
  if (p === Number.POSITIVE_INFINITY) return 0;
  // r³ + p·r − p is convex and increasing for r ≥ 0, and both 1 and ∛p are right of its root: Newton comes down.
  let r = Math.min(1, Math.cbrt(p));
  for (let step = 0; step < maxSteps; step++) {
    const next = (2 * r * r * r + p) / (3 * r * r + p);
    if (!(next < r)) break;
    r = next;
  }
  return p > 1 ? (r * r * r) / p : 1 - r;
}

function requirePositive(name: string, value: number): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new RangeError(cannot("solve the single step", `${name} must be finite and > 0`, value));
}
