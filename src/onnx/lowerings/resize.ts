/**
 * Resizing of NHWC images as products with two matrices, one per axis, whose rows are the shares of the input positions;
 * a gradient has the transposed matrices. Whole multiples of the nearest pixel are copies, and their gradient is a sum.
 */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import { bilinear, type Interpolation, nearest, shares } from "../../graph/kernels/resize.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { asFloats } from "./numbers.ts";

/** `[B, H, W, C]` and `[B, OH, OW, C]`. */
interface Images {
  readonly small: readonly number[];
  readonly large: readonly number[];
}

/** How many times each pixel is repeated along both axes, or null where it is not a whole number of times. */
function repeats({ small, large }: Images, { attributes, op }: GraphNode): [number, number] | null {
  const { alignCorners, halfPixelCenters } = attributes;
  if (!op.startsWith("ResizeNearestNeighbor") || alignCorners || halfPixelCenters) return null;
  const factors = [1, 2].map((axis) => large[axis] / small[axis]) as [number, number];
  return factors.every(Number.isInteger) ? factors : null;
}

const interpolationOf = ({ op }: GraphNode): Interpolation =>
  op.startsWith("ResizeNearestNeighbor") ? nearest : bilinear;

/** Shares of the input positions in the output positions along one axis, `[out, in]`, or its transpose. */
function matrix(
  { builder }: LoweringProgram,
  node: GraphNode,
  from: number,
  to: number,
  transposed: boolean,
) {
  const values = new Float32Array(from * to);
  for (let row = 0; row < to; row++) {
    for (const [column, weight] of shares(row, from, to, node.attributes, interpolationOf(node))) {
      values[transposed ? column * to + row : row * from + column] += weight;
    }
  }
  return builder.floats(values, transposed ? [from, to] : [to, from]);
}

/** Multiplies rows and columns of images of shape `from` by matrices; the result has the shape `to`. */
function multiply(
  { builder }: LoweringProgram,
  name: string,
  rows: string,
  columns: string,
  from: readonly number[],
  to: readonly number[],
): string {
  const [batch, height, width, channels] = from;
  const byRow = builder.reshape(name, [batch, height, width * channels]);
  const tall = builder.reshape(builder.node("MatMul", [rows, byRow]), [batch * to[1], width, channels]);
  return builder.reshape(builder.node("MatMul", [columns, tall]), to);
}

const forward: Lowering = (program, node) => {
  const { builder } = program;
  const x = node.inputs[0] as ValueId;
  const [y] = node.outputs;
  const small = program.shape(x);
  const large = program.shape(y);
  const [b, h, w, c] = small;
  const factors = repeats({ small, large }, node);
  if (factors !== null) {
    const parts = [b, h, 1, w, 1, c];
    const isFloat = program.dtype(x) === "float32";
    const apart = isFloat ? program.reshaped(x, parts) : builder.reshape(asFloats(program, x), parts);
    const repeated = builder.node("Expand", [apart, builder.ints([b, h, factors[0], w, factors[1], c])]);
    program.set(y, builder.reshape(repeated, large));
    return;
  }
  const [rows, columns] = [1, 2].map((axis) => matrix(program, node, small[axis], large[axis], false));
  program.set(y, multiply(program, asFloats(program, x), rows, columns, small, large));
};

const gradient: Lowering = (program, node) => {
  const { builder } = program;
  const dy = node.inputs[1] as ValueId;
  const [dx] = node.outputs;
  const small = program.shape(dx);
  const large = program.shape(dy);
  const [b, h, w, c] = small;
  const factors = repeats({ small, large }, node);
  if (factors !== null) {
    const copies = program.reshaped(dy, [b, h, factors[0], w, factors[1], c]);
    program.set(dx, builder.node("ReduceSum", [copies, builder.ints([2, 4])], { keepdims: 0 }));
    return;
  }
  const [rows, columns] = [1, 2].map((axis) => matrix(program, node, small[axis], large[axis], true));
  program.set(dx, multiply(program, program.plain(dy), rows, columns, large, small));
};

export const resizes: Readonly<Record<string, Lowering>> = {
  ResizeNearestNeighbor: forward,
  ResizeNearestNeighborGrad: gradient,
  ResizeBilinear: forward,
  ResizeBilinearGrad: gradient,
};
