/** The kernels that images in the blocked layout go through without leaving it. */
import type { GraphNode } from "../../graph/graph.ts";
import type { BlockedValues } from "./blocked-values.ts";
import { blockedConvolutions } from "./convolution.ts";
import { blockedElementwise } from "./elementwise.ts";
import { blockedNormalization } from "./normalization.ts";
import type { BlockedKernel } from "./operands.ts";

const kernels: Readonly<Record<string, BlockedKernel>> = {
  ...blockedConvolutions,
  ...blockedElementwise,
  ...blockedNormalization,
};

/** Lowers a call on images in the blocked layout, or that is best brought into it. @returns Whether it was one. */
export function lowerBlocked(values: BlockedValues, node: GraphNode): boolean {
  return kernels[node.op]?.(values, node) ?? false;
}
