/**
 * Kernels that the backend `wasm` lacks or is slow at, made of others that it is good at.
 *
 * Its matrix product is fast only where neither side is transposed, and it cannot train a convolution at all.
 */
import type { Attribute, GraphNode } from "../graph/graph.ts";
import { tf } from "./tf.ts";

type Attributes = GraphNode["attributes"];

/** Inputs by name; an absent optional one is undefined. */
export type KernelInputs = Readonly<Record<string, tf.Tensor | undefined>>;

/** Computes what one kernel call gives, with other kernels of the current backend. */
export type Composition = (inputs: KernelInputs, attributes: Attributes) => tf.Tensor;

/** How to compose a kernel call, null where it need not or cannot be. */
export function composition({ attributes, op }: GraphNode): Composition | null {
  switch (op) {
    case "BatchMatMul":
    case "_FusedMatMul":
      return attributes.transposeA || attributes.transposeB ? untransposed(op) : null;
    case "Conv2DBackpropFilter":
      return attributes.dataFormat === "NCHW" ? null : filterGradient;
    case "DepthwiseConv2dNativeBackpropFilter":
      return depthwiseFilterGradient;
    default:
      return null;
  }
}

/** Transposes first: its cost is that of the matrices, not of their product. */
function untransposed(op: string): Composition {
  return ({ a, b, ...rest }, attributes) => {
    const { transposeA, transposeB } = attributes;
    const inputs = { ...rest, a: transposeA ? swapped(a) : a, b: transposeB ? swapped(b) : b };
    const straight = { ...attributes, transposeA: false, transposeB: false };
    return tf.engine().runKernel(op, inputs as tf.NamedTensorMap, straight as unknown as tf.NamedAttrMap);
  };
}

function swapped(matrices: tf.Tensor | undefined): tf.Tensor {
  const x = matrices as tf.Tensor;
  const order = x.shape.map((_, axis) => axis);
  const [row, column] = order.splice(-2);
  return tf.transpose(x, [...order, column, row]);
}

/**
 * dF[i, j, c, f] = Σ x[b, s·p + i, s·q + j, c]·dy[b, p, q, f]: the product of a matrix `[H·W·C, B·P·Q]`, whose rows are
 * what each weight of a filter sees of x, and of dy as `[B·P·Q, F]`.
 */
const filterGradient: Composition = ({ dy, x }, attributes) => {
  const { filterShape } = attributes as { filterShape: [number, number, number, number] };
  const [, , channels, filters] = filterShape;
  const output = dy as tf.Tensor;
  const places = output.size / filters;
  const seen = views(x as tf.Tensor4D, filterShape, attributes, false).map((view) =>
    tf.transpose(tf.reshape(view, [places, channels])),
  );
  const product = tf.matMul(tf.concat(seen, 0), tf.reshape(output, [places, filters]));
  return tf.reshape(product, filterShape);
};

/** dF[i, j, c, m] = Σ x[b, s·p + i, s·q + j, c]·dy[b, p, q, c·M + m]. */
const depthwiseFilterGradient: Composition = ({ dy, x }, attributes) => {
  const { filterShape } = attributes as { filterShape: [number, number, number, number] };
  const [, , channels, multiplier] = filterShape;
  const output = dy as tf.Tensor4D;
  const [batch, height, width] = output.shape;
  const gradients = tf.reshape(output, [batch, height, width, channels, multiplier]);
  const parts = views(x as tf.Tensor4D, filterShape, attributes, true).map((seen) =>
    tf.sum(tf.mul(tf.expandDims(seen, 4), gradients), [0, 1, 2]),
  );
  return tf.reshape(tf.stack(parts), filterShape);
};

/** What each cell of the filter, row by row, sees of x `[B, H, W, C]` when the filter goes over it: `[B, P, Q, C]`. */
function views(
  x: tf.Tensor4D,
  filterShape: [number, number, number, number],
  { dilations, dimRoundingMode, pad, strides }: Attributes,
  depthwise: boolean,
): tf.Tensor4D[] {
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    pair(strides),
    pair(dilations ?? 1),
    pad as number,
    dimRoundingMode as "floor",
    depthwise,
  );
  const { bottom, left, right, top } = info.padInfo;
  const margins = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ] as [number, number][];
  const padded: tf.Tensor = tf.pad(x, margins);
  const [batch, , , channels] = x.shape;
  const height = info.strideHeight * (info.outHeight - 1) + 1;
  const width = info.strideWidth * (info.outWidth - 1) + 1;
  const seen: tf.Tensor4D[] = [];
  for (let i = 0; i < info.filterHeight; i++) {
    for (let j = 0; j < info.filterWidth; j++) {
      const [row, column] = [i * info.dilationHeight, j * info.dilationWidth];
      const end = [batch, row + height, column + width, channels];
      const steps = [1, info.strideHeight, info.strideWidth, 1];
      seen.push(tf.stridedSlice(padded, [0, row, column, 0], end, steps) as tf.Tensor4D);
    }
  }
  return seen;
}

/** An attribute that is one number for height and width, or two. */
function pair(value: Attribute): [number, number] {
  return typeof value === "number" ? [value, value] : (value as unknown as [number, number]);
}
