/**
 * Clipping that the user asks for, of whichever optimizer: before anything measures or applies a gradient.
 *
 * By norm as `clip_grad_norm_` of PyTorch and `global_clipnorm` of Keras do, over all weights together; by value as
 * `clip_grad_value_` and `clipvalue`. In mode `sync` it is the mean gradient of all workers that is clipped.
 */
import type { Kernels } from "../kernels/kernels.ts";
import type { RunSpec } from "../options/run-spec.ts";
import { clipScale } from "../tuner/clip-scale.ts";

/**
 * @param gradient g, `[P]`, changed in place. @param squaredNorm |g|², finite.
 * @returns |g|² after clipping.
 */
export function clipGradient(
  { clipNorm, clipValue }: Pick<RunSpec["optimizer"], "clipNorm" | "clipValue">,
  kernels: Kernels,
  gradient: Float32Array,
  squaredNorm: number,
): number {
  if (clipNorm === null && clipValue === null) return squaredNorm;
  const scale = clipNorm === null ? 1 : clipScale(squaredNorm, clipNorm);
  if (scale === 1 && clipValue === null) return squaredNorm;
  kernels.clip(gradient, scale, clipValue ?? Number.POSITIVE_INFINITY);
  return kernels.squaredNorm(gradient);
}
