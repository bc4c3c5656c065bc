/**
 * Kernels that a trace records as others, so that nothing else need know of them.
 *
 * None of them has a gradient in TensorFlow.js: what is here is applied to data, not to what depends on a weight.
 */
import { dilationKernels } from "./dilation.ts";
import type { KernelAttributes } from "./shape-rules.ts";
import { tf } from "./tf.ts";

/** By name, or a list where the kernel takes one. */
type Inputs = Readonly<Record<string, tf.Tensor>> & readonly tf.Tensor[];

/** Computes what a kernel call gives. */
type Composition = (inputs: Inputs, attributes: KernelAttributes) => tf.Tensor;

const { backend_util, slice_util } = tf;

/** Along axes with a stride other than 1 the positions are gathered one by one. */
const stridedSlice: Composition = ({ x }, attributes) => {
  const { begin, beginMask, ellipsisMask, end, endMask, newAxisMask, shrinkAxisMask, strides } = attributes;
  const info = slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  if (info.isIdentity) return tf.reshape(x, info.finalShape);
  const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides);
  if (sizes.includes(0)) return tf.zeros(info.finalShape, x.dtype);
  const picked = sizes.reduce<tf.Tensor>((rest, size, axis) => {
    const [from, stride] = [info.begin[axis], info.strides[axis]];
    if (size === x.shape[axis] && stride === 1) return rest;
    const positions = Int32Array.from({ length: size }, (_, i) => from + i * stride);
    return tf.gather(rest, tf.tensor1d(positions, "int32"), axis);
  }, x);
  return tf.reshape(picked, info.finalShape);
};

/** The product of all operands, each with every letter of the equation for an axis, summed over those that are not asked for. */
const einsum: Composition = (operands, { equation }) => {
  const { allDims, idDims, summedDims } = backend_util.decodeEinsumEquation(equation, operands.length);
  backend_util.checkEinsumDimSizes(allDims.length, idDims, [...operands]);
  const factors = operands.map((operand, i) => {
    const axes = idDims[i];
    const order = axes.map((_, at) => at).sort((a, b) => axes[a] - axes[b]);
    const shape = allDims.map((_, letter) =>
      axes.includes(letter) ? operand.shape[axes.indexOf(letter)] : 1,
    );
    return tf.reshape(tf.transpose(operand, order), shape);
  });
  const product = factors.reduce((a, b) => tf.mul(a, b));
  return summedDims.length === 0 ? product : tf.sum(product, summedDims);
};

/** The numbers in a column, as many zeros behind each; then row i of n begins one place later in each row. */
const diagonal: Composition = ({ x }) => {
  const { dtype, shape, size } = x;
  const column = tf.cast(tf.reshape(x, [size, 1]), dtype === "bool" ? "int32" : dtype);
  const spread = tf.pad(column, [
    [0, 0],
    [0, size],
  ]);
  const square = tf.slice(tf.reshape(spread, [size * (size + 1)]), [0], [size * size]);
  return tf.cast(tf.reshape(square, [...shape, ...shape]), dtype);
};

const depthToSpace: Composition = ({ x }, { blockSize, dataFormat }) => {
  if (dataFormat === "NCHW") {
    const [batch, channels, height, width] = x.shape;
    const depth = channels / blockSize ** 2;
    const apart = tf.reshape(x, [batch, blockSize, blockSize, depth, height, width]);
    const shape = [batch, depth, height * blockSize, width * blockSize];
    return tf.reshape(tf.transpose(apart, [0, 3, 4, 1, 5, 2]), shape);
  }
  const [batch, height, width, channels] = x.shape;
  const depth = channels / blockSize ** 2;
  const apart = tf.reshape(x, [batch, height, width, blockSize, blockSize, depth]);
  const shape = [batch, height * blockSize, width * blockSize, depth];
  return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4, 5]), shape);
};

/** By name of the kernel. */
export const derivedKernels: Readonly<Record<string, Composition>> = {
  ...(dilationKernels as unknown as Readonly<Record<string, Composition>>),
  StridedSlice: stridedSlice,
  Einsum: einsum,
  Diag: diagonal,
  DepthToSpace: depthToSpace,
  FlipLeftRight: ({ image }) => tf.reverse(image, 2),
};
