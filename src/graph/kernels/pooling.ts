/** Max and average pooling of images and volumes, channels last, with their gradients. */
import { type Attributes, type Kernel, type KernelFamily, perAxis, sizeOf, type Tensor } from "./tensor.ts";
import { forEachTap } from "./window.ts";

/** Visits the index of each input element with the index of each output element whose window contains it. */
function forEachPair(
  input: readonly number[],
  output: readonly number[],
  attributes: Attributes,
  visit: (inputIndex: number, outputIndex: number) => void,
): void {
  const channels = input.at(-1) as number;
  const size = perAxis(attributes.filterSize, input.length - 2);
  forEachTap({ input, output, size }, attributes, (inPixel, outPixel) => {
    for (let c = 0; c < channels; c++) visit(inPixel * channels + c, outPixel * channels + c);
  });
}

/**
 * For each output element the index of its maximum: of equal maxima the first in row-major window order, as in TF.js. A
 * NaN is passed over; −1 where nothing else is in the window.
 */
function firstMaxima(x: Tensor, shape: readonly number[], attributes: Attributes): Int32Array {
  const at = new Int32Array(sizeOf(shape)).fill(-1);
  forEachPair(x.shape, shape, attributes, (input, output) => {
    if (x.data[input] > (x.data[at[output]] ?? -Infinity)) at[output] = input;
  });
  return at;
}

/** For each output element the number of pixels in its window, without padding. */
function windowSizes(
  input: readonly number[],
  output: readonly number[],
  attributes: Attributes,
): Int32Array {
  const sizes = new Int32Array(sizeOf(output));
  forEachPair(input, output, attributes, (_, o) => {
    sizes[o]++;
  });
  return sizes;
}

const maxPool: Kernel = ([x], attributes, [{ shape }]) => [
  Float64Array.from(firstMaxima(x, shape, attributes), (index) => x.data[index] ?? -Infinity),
];

const maxPoolGradient: Kernel = ([dy, x], attributes) => {
  const dx = new Float64Array(x.data.length);
  for (const [output, input] of firstMaxima(x, dy.shape, attributes).entries()) dx[input] += dy.data[output];
  return [dx];
};

const averagePool: Kernel = ([x], attributes, [{ shape }]) => {
  const sizes = windowSizes(x.shape, shape, attributes);
  // No number is the mean of none.
  const mean = Float64Array.from(sizes, (size) => (size === 0 ? Number.NaN : 0));
  forEachPair(x.shape, shape, attributes, (i, o) => {
    mean[o] += x.data[i] / sizes[o];
  });
  return [mean];
};

/**
 * The gradient of the mean above. The `cpu` backend of TF.js divides by the full window here even where its forward pass
 * left the padding out, so with "same" padding its gradients are too small at the border; TensorFlow's are not.
 */
const averagePoolGradient: Kernel = ([dy, x], attributes) => {
  const sizes = windowSizes(x.shape, dy.shape, attributes);
  const dx = new Float64Array(x.data.length);
  forEachPair(x.shape, dy.shape, attributes, (i, o) => {
    dx[i] += dy.data[o] / sizes[o];
  });
  return [dx];
};

export const poolingKernels: KernelFamily = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
  MaxPool3D: maxPool,
  MaxPool3DGrad: maxPoolGradient,
  AvgPool3D: averagePool,
  AvgPool3DGrad: averagePoolGradient,
};
