/** Sizes and padding of a TF.js convolution or pool, from its attributes. NHWC. */

import { cannot, YfError } from "../../errors.ts";
import type { GraphNode } from "../../graph/graph.ts";

export interface Geometry {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
}

/** A convolution as its forward and backward calls share it. */
export interface ConvolutionCall {
  readonly geometry: Geometry;
  readonly input: readonly number[];
  readonly filter: readonly number[];
  readonly output: readonly number[];
}

/**
 * @param input `[B, H, W, C]` before padding. @param filter Height and width of the window.
 * @param output `[B, OH, OW, C]`, by which "same" padding is worked out as TF.js does: the odd pixel goes after.
 */
export function geometry(
  { attributes, op }: GraphNode,
  input: readonly number[],
  filter: readonly [number, number],
  output: readonly number[],
): Geometry {
  const strides = pair(attributes.strides);
  const dilations = pair(attributes.dilations ?? 1);
  const { pad } = attributes;
  if (attributes.dataFormat === "NCHW") {
    throw new YfError("NO_LOWERING", cannot(`lower ${op}`, "its data format must be NHWC", "NCHW"));
  }
  if (Array.isArray(pad)) {
    const [, [padTop, padBottom], [padLeft, padRight]] = pad as unknown as number[][];
    return { strides, dilations, padTop, padLeft, padBottom, padRight };
  }
  const needed = (axis: 0 | 1) => {
    const extent = (filter[axis] - 1) * dilations[axis] + 1;
    return Math.max(0, (output[axis + 1] - 1) * strides[axis] + extent - input[axis + 1]);
  };
  if (typeof pad === "number") {
    const after = (axis: 0 | 1) => Math.max(0, needed(axis) - pad);
    return { strides, dilations, padTop: pad, padLeft: pad, padBottom: after(0), padRight: after(1) };
  }
  const [vertical, horizontal] = pad === "same" ? [needed(0), needed(1)] : [0, 0];
  const padTop = Math.floor(vertical / 2);
  const padLeft = Math.floor(horizontal / 2);
  return {
    strides,
    dilations,
    padTop,
    padLeft,
    padBottom: vertical - padTop,
    padRight: horizontal - padLeft,
  };
}

function pair(value: unknown): [number, number] {
  return Array.isArray(value) ? (value as [number, number]) : [value as number, value as number];
}
