/**
 * Exponential moving average without the bias towards its start at zero.
 *
 * Keeps the plain average of the inputs and the same average of ones; their quotient is the weighted mean of what came
 * in, for any number of inputs.
 */

/** Plain data; both are 0 before the first input. */
export type Ema = {
  /** (1 − β)·Σ βᵗ⁻ⁱ vᵢ */
  sum: number;
  /** (1 − β)·Σ βᵗ⁻ⁱ = 1 − βᵗ, in [0, 1]. */
  weight: number;
};

export const newEma = (): Ema => ({ sum: 0, weight: 0 });

/**
 * Adds one value, in place.
 *
 * @param decay β in [0, 1): the share of the past that remains.
 * @returns The average now.
 */
export function addToEma(ema: Ema, value: number, decay: number): number {
  ema.sum = decay * ema.sum + (1 - decay) * value;
  ema.weight = decay * ema.weight + (1 - decay);
  return ema.sum / ema.weight;
}

/** The average, 0 before the first value. */
export function emaValue({ sum, weight }: Ema): number {
  return weight === 0 ? 0 : sum / weight;
}
