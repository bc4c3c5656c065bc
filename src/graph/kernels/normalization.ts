/** Batch normalization with given moments, and normalization by the neighbouring channels. */
import type { Attributes, KernelFamily, Tensor } from "./tensor.ts";

/** Calls `visit` with each element and each element of its neighbourhood, itself included: channels at most a radius away. */
function forEachNeighbour(
  x: Tensor,
  attributes: Attributes,
  visit: (at: number, neighbour: number) => void,
): void {
  const channels = x.shape[3];
  const radius = attributes.depthRadius as number;
  for (let at = 0; at < x.data.length; at++) {
    const channel = at % channels;
    const last = Math.min(channels - 1, channel + radius);
    for (let near = Math.max(0, channel - radius); near <= last; near++) visit(at, at - channel + near);
  }
}

/** bias + α·Σ x² over each element's neighbourhood. */
function responseNorms(x: Tensor, attributes: Attributes): Float64Array {
  const { alpha, bias } = attributes as { alpha: number; bias: number };
  const norms = new Float64Array(x.data.length).fill(bias);
  forEachNeighbour(x, attributes, (at, neighbour) => {
    norms[at] += alpha * x.data[neighbour] ** 2;
  });
  return norms;
}

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
  LRN: ([x], attributes) => {
    const norms = responseNorms(x, attributes);
    return [x.data.map((value, i) => value * norms[i] ** -(attributes.beta as number))];
  },
  LRNGrad: ([x, y, dy], attributes) => {
    const { alpha, beta } = attributes as { alpha: number; beta: number };
    const norms = responseNorms(x, attributes);
    const dx = dy.data.map((value, i) => value * norms[i] ** -beta);
    forEachNeighbour(x, attributes, (at, neighbour) => {
      dx[neighbour] -= (2 * alpha * beta * x.data[neighbour] * y.data[at] * dy.data[at]) / norms[at];
    });
    return [dx];
  },
};
