/**
 * YellowFin as printed: the slow twin of `yellowfin-tuner.ts`, to drive with the same gradients.
 *
 * Keeps everything that it saw. An average is the weighted mean over that list, weights written out; the variance has
 * a second moment for every coordinate; the cubic is solved by bisection. Float64 throughout, no shared code.
 * Source: arXiv:1706.03471, Algorithms 1 to 4; order, logarithms, clipping and slow start from the authors' code.
 */
export interface ReferenceEstimate {
  readonly hMax: number;
  readonly hMin: number;
  readonly variance: number;
  readonly distance: number;
  readonly momentum: number;
  readonly learningRate: number;
}

const beta = 0.999;

/** Σ βᵗ⁻ⁱ·vᵢ / Σ βᵗ⁻ⁱ. */
function debiasedAverage(values: readonly number[]): number {
  let sum = 0;
  let weights = 0;
  for (const [i, value] of values.entries()) {
    const weight = beta ** (values.length - 1 - i);
    sum += weight * value;
    weights += weight;
  }
  return sum / weights;
}

/** √μ in [0, 1] with p·x = (1 − x)³, by bisection. */
function cubicRoot(p: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (p * middle < (1 - middle) ** 3) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * @param gradients g_t as computed, t = 0, 1, …
 * @param epsilon What the authors' code adds to the undebiased EMA of |g|² under the distance: 1e-6; we have 0.
 */
export function yellowFinReference(
  gradients: readonly (readonly number[])[],
  epsilon: number,
): ReferenceEstimate[] {
  const clipped: number[][] = [];
  const h: number[] = [];
  const logMin: number[] = [];
  const logMax: number[] = [];
  const distances: number[] = [];
  const estimates: ReferenceEstimate[] = [];
  for (const [t, gradient] of gradients.entries()) {
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    const limit = t === 0 ? Number.POSITIVE_INFINITY : 10 * Math.sqrt(estimates[t - 1].hMax);
    clipped.push(gradient.map((g) => g * Math.min(1, limit / norm)));
    h.push(clipped[t].reduce((sum, g) => sum + g * g, 0));

    const window = h.slice(-20);
    logMin.push(Math.log(Math.min(...window)));
    logMax.push(Math.log(Math.max(...window)));
    const hMin = Math.exp(debiasedAverage(logMin));
    const hMax = Math.exp(debiasedAverage(logMax));

    let variance = 0;
    for (const i of gradient.keys()) {
      const values = clipped.map((g) => g[i]);
      variance += debiasedAverage(values.map((g) => g * g)) - debiasedAverage(values) ** 2;
    }
    variance = Math.max(1e-6, variance);

    const bias = 1 - beta ** (t + 1);
    const meanNorm = bias * debiasedAverage(h.map(Math.sqrt));
    distances.push(meanNorm / (bias * debiasedAverage(h) + epsilon));
    const distance = debiasedAverage(distances);

    const kappa = Math.sqrt(hMax / hMin);
    const noisy = cubicRoot((distance ** 2 * hMin ** 2) / (2 * variance));
    const root = t === 0 ? 0 : Math.max(noisy, (kappa - 1) / (kappa + 1));
    const full = (1 - root) ** 2 / hMin;
    estimates.push({
      hMax,
      hMin,
      variance,
      distance,
      momentum: root ** 2,
      learningRate: t === 0 ? 1e-4 : full * Math.min(1, (t + 1) / 200),
    });
  }
  return estimates;
}
