/** Sizes and padding of a TF.js convolution or pool over any number of axes, from its attributes. Channels last. */

import { cannot, YfError } from "../errors.ts";
import type { GraphNode } from "../graph/graph.ts";

/** One number per spatial axis: [vertical, horizontal], or [deep, vertical, horizontal]. */
export interface Geometry {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first element, and after the last. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A convolution or pool as its forward and backward calls share it. */
export interface WindowCall {
  readonly geometry: Geometry;
  readonly input: readonly number[];
  /** Sizes of the window; of a convolution those of its channels as well. */
  readonly filter: readonly number[];
  readonly output: readonly number[];
}

/**
 * @param input `[B, H, W, C]` (or `[B, D, H, W, C]`) before padding. @param filter Sizes of the window.
 * @param output `[B, OH, OW, C]`, by which "same" padding is worked out as TF.js does: the odd pixel goes after.
 */
export function geometry(
  { attributes, op }: GraphNode,
  input: readonly number[],
  filter: readonly number[],
  output: readonly number[],
): Geometry {
  const perAxis = (value: unknown): number[] =>
    Array.isArray(value) ? value : filter.map(() => value as number);
  const strides = perAxis(attributes.strides);
  const dilations = perAxis(attributes.dilations ?? 1);
  const { pad } = attributes;
  if (attributes.dataFormat === "NCHW") {
    throw new YfError("NO_LOWERING", cannot(`lower ${op}`, "its data format must be NHWC", "NCHW"), {
      op,
      dataFormat: "NCHW",
    });
  }
  if (Array.isArray(pad)) {
    const spatial = (pad as unknown as number[][]).slice(1, -1);
    return {
      strides,
      dilations,
      before: spatial.map(([before]) => before),
      after: spatial.map(([, after]) => after),
    };
  }
  const needed = filter.map((size, axis) => {
    const extent = (size - 1) * dilations[axis] + 1;
    return Math.max(0, (output[axis + 1] - 1) * strides[axis] + extent - input[axis + 1]);
  });
  const before = needed.map((padding) =>
    typeof pad === "number" ? pad : pad === "same" ? Math.floor(padding / 2) : 0,
  );
  const after = needed.map((padding, axis) => (pad === "valid" ? 0 : Math.max(0, padding - before[axis])));
  return { strides, dilations, before, after };
}

/** A convolution from the shapes of its image, filter and output, in the order of the axes of a call. */
export function convolutionCall(
  node: GraphNode,
  input: readonly number[],
  filter: readonly number[],
  output: readonly number[],
): WindowCall {
  return { geometry: geometry(node, input, filter.slice(0, -2), output), input, filter, output };
}

/** Elements at the far edge that no window reached, by axis: they get no gradient. */
export function unreached({ filter, geometry, input, output }: WindowCall): number[] {
  const { after, before, dilations, strides } = geometry;
  return strides.map((stride, axis) => {
    const extent = (output[axis + 1] - 1) * stride + (filter[axis] - 1) * dilations[axis] + 1;
    return input[axis + 1] + before[axis] + after[axis] - extent;
  });
}

/**
 * Sizes of what the convolution of an image with the gradient of the output gives: those of the filter, or larger where
 * there are elements beyond the last window, which are no part of it.
 */
export function filterGradientSizes({ geometry, input, output }: WindowCall): number[] {
  const { after, before, dilations, strides } = geometry;
  return strides.map((stride, axis) => {
    const reach = input[axis + 1] + before[axis] + after[axis] - ((output[axis + 1] - 1) * stride + 1);
    return Math.floor(reach / dilations[axis]) + 1;
  });
}
