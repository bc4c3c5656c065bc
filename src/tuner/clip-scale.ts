/** Factor that brings a gradient of squared norm `squaredNorm` down to `maxNorm`; 1 if it is no longer than that. */
export function clipScale(squaredNorm: number, maxNorm: number): number {
  const norm = Math.sqrt(squaredNorm);
  return norm > maxNorm ? maxNorm / norm : 1;
}
