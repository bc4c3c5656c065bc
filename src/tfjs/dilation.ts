/**
 * The kernels of `tf.dilation2d` as other kernels: a trace records those instead, so that nothing else need know of them.
 *
 * y[b, p, q, c] = max over the taps (i, j) of x[b, s·p + d·i, s·q + d·j, c] + f[i, j, c]; taps beyond the image are none.
 */
import type { KernelAttributes } from "./shape-rules.ts";
import { tf } from "./tf.ts";

type Inputs = Readonly<Record<"x" | "filter" | "dy", tf.Tensor4D>>;

/** Computes what a kernel call gives. */
type Composition = (inputs: Inputs, attributes: KernelAttributes) => tf.Tensor;

/** What stands beyond the image: no tap of it is the largest. */
const beyond = -3e38;

/** One tap of the window: its cell of the filter `[C]`, and the corner of what it sees of the padded image. */
interface Tap {
  readonly weight: tf.Tensor;
  readonly row: number;
  readonly column: number;
}

function geometryOf({ filter, x }: Inputs, { dilations, pad, strides }: KernelAttributes) {
  const info = tf.backend_util.computeDilation2DInfo(
    x.shape,
    filter.shape as unknown as [number, number, number],
    strides,
    pad,
    "NHWC",
    dilations,
  );
  const { dilationHeight, dilationWidth, filterHeight, filterWidth, padInfo, strideHeight, strideWidth } =
    info;
  const taps = Array.from({ length: filterHeight * filterWidth }, (_, tap): Tap => {
    const [i, j] = [Math.floor(tap / filterWidth), tap % filterWidth];
    const weight = tf.reshape(tf.slice(filter, [i, j, 0], [1, 1, info.inChannels]), [info.inChannels]);
    return { weight, row: i * dilationHeight, column: j * dilationWidth };
  });
  // Whole strides are cut out below, so that there is one stride more of image than windows need.
  const margins = [
    [0, 0],
    [padInfo.top, padInfo.bottom + strideHeight - 1],
    [padInfo.left, padInfo.right + strideWidth - 1],
    [0, 0],
  ] as [number, number][];
  return { ...info, margins, taps };
}

type Geometry = ReturnType<typeof geometryOf>;

/** What each tap gives for each window, `[T, B, P, Q, C]`. */
function candidates({ x }: Inputs, geometry: Geometry): tf.Tensor {
  const { batchSize, inChannels, margins, outHeight, outWidth, strideHeight, strideWidth, taps } = geometry;
  const padded = tf.pad(x, margins, beyond);
  const seen = taps.map(({ column, row, weight }) => {
    const size = [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels];
    const strided = tf.reshape(tf.slice(padded, [0, row, column, 0], size), [
      batchSize,
      outHeight,
      strideHeight,
      outWidth,
      strideWidth * inChannels,
    ]);
    const first = tf.slice(strided, [0, 0, 0, 0, 0], [batchSize, outHeight, 1, outWidth, inChannels]);
    return tf.add(tf.reshape(first, [batchSize, outHeight, outWidth, inChannels]), weight);
  });
  return tf.stack(seen);
}

/** dy where a tap is the largest of its window, the first one of several; one `[B, P, Q, C]` for each tap. */
function shares(inputs: Inputs, geometry: Geometry): tf.Tensor4D[] {
  const largest = tf.argMax(candidates(inputs, geometry), 0);
  return geometry.taps.map((_, tap) =>
    tf.mul(tf.cast(tf.equal(largest, tf.scalar(tap, "int32")), "float32"), inputs.dy),
  );
}

const forward: Composition = (inputs, attributes) =>
  tf.max(candidates(inputs, geometryOf(inputs, attributes)), 0);

const filterGradient: Composition = (inputs, attributes) => {
  const sums = shares(inputs, geometryOf(inputs, attributes)).map((share) => tf.sum(share, [0, 1, 2]));
  return tf.reshape(tf.stack(sums), inputs.filter.shape);
};

/** Puts each share back to the pixel that its tap saw. */
const inputGradient: Composition = (inputs, attributes) => {
  const geometry = geometryOf(inputs, attributes);
  const {
    batchSize,
    inChannels,
    inHeight,
    inWidth,
    margins,
    outHeight,
    outWidth,
    strideHeight,
    strideWidth,
  } = geometry;
  const [, [top, bottom], [left, right]] = margins;
  const [height, width] = [outHeight * strideHeight, outWidth * strideWidth];
  const parts = shares(inputs, geometry).map((share, tap) => {
    const { column, row } = geometry.taps[tap];
    const apart = tf.pad(tf.reshape(share, [batchSize, outHeight, 1, outWidth, inChannels]), [
      [0, 0],
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
      [0, (strideWidth - 1) * inChannels],
    ]);
    return tf.pad(tf.reshape(apart, [batchSize, height, width, inChannels]), [
      [0, 0],
      [row, top + inHeight + bottom - row - height],
      [column, left + inWidth + right - column - width],
      [0, 0],
    ]);
  });
  return tf.slice(tf.addN(parts), [0, top, left, 0], inputs.x.shape);
};

/** By name of the kernel. */
export const dilationKernels: Readonly<Record<string, Composition>> = {
  Dilation2D: forward,
  Dilation2DBackpropFilter: filterGradient,
  Dilation2DBackpropInput: inputGradient,
};
