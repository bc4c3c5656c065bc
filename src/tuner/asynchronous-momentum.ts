/**
 * What asynchrony adds to momentum, by the staleness that was measured, and what it leaves for the workers to apply.
 *
 * The total momentum as measured from iterates hardly shows it: a single step is mostly the noise of its minibatch, and
 * that repeats itself only as the algorithmic momentum repeats it. Staleness is known exactly.
 */

/**
 * μ_S = τ̄/(1 + τ̄), which is 1 − 1/M for M workers that finish at random.
 *
 * @param staleness τ̄, mean staleness in updates, ≥ 0.
 * Source: Mitliagkas, Zhang, Hadjis, Ré, "Asynchrony begets Momentum", arXiv:1605.09774, Theorem 3.
 */
export function asynchronousMomentum(staleness: number): number {
  return staleness / (1 + staleness);
}

/**
 * What is left to apply of the momentum that the tuner aims at,  max(0, μ* − μ_S).
 *
 * Never negative: measured, going below zero where asynchrony adds more than the target did not help.
 *
 * @param target μ* in [0, 1). @param staleness τ̄ ≥ 0.
 */
export function remainingMomentum(target: number, staleness: number): number {
  return Math.max(0, target - asynchronousMomentum(staleness));
}
