/** Batch normalization with given moments. */
import type { KernelFamily, Tensor } from "./tensor.ts";

export const normalizationKernels: KernelFamily = {
  /** (x − mean) / √(variance + ε) · scale + offset; the four are per channel (the last axis), or as large as x. */
  FusedBatchNorm: ([x, scale, offset, mean, variance], { varianceEpsilon }) => {
    const of = (tensor: Tensor | null, i: number, absent: number) =>
      tensor === null ? absent : tensor.data[i % tensor.data.length];
    const epsilon = varianceEpsilon as number;
    return [
      x.data.map((value, i) => {
        const normalized = (value - of(mean, i, 0)) / Math.sqrt(of(variance, i, 1) + epsilon);
        return normalized * of(scale, i, 1) + of(offset, i, 0);
      }),
    ];
  },
};
