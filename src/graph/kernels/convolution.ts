/**
 * Convolutions of images and volumes (channels last, filters `[...window, in, out]`), plain and depthwise, with both
 * gradients.
 */
import { biasAndActivation } from "./fused.ts";
import { type Attributes, type Kernel, type KernelFamily, sizeOf, type Tensor } from "./tensor.ts";
import { forEachTap } from "./window.ts";

/** Indices of one product: output[out] takes input[in] · filter[weight]. */
type Product = (input: number, output: number, weight: number) => void;

type ProductLoop = (
  shapes: {
    readonly input: readonly number[];
    readonly output: readonly number[];
    readonly filter: readonly number[];
  },
  attributes: Attributes,
  visit: Product,
) => void;

/** Every product of a convolution; its three kernels only differ in what they sum these products into. */
const plainProducts: ProductLoop = ({ input, output, filter }, attributes, visit) => {
  const size = filter.slice(0, -2);
  const [inChannels, outChannels] = filter.slice(-2);
  forEachTap({ input, output, size }, attributes, (inPixel, outPixel, tap) => {
    for (let i = 0; i < inChannels; i++) {
      for (let o = 0; o < outChannels; o++) {
        visit(inPixel * inChannels + i, outPixel * outChannels + o, (tap * inChannels + i) * outChannels + o);
      }
    }
  });
};

/** Each input channel has its own `multiplier` filters; output channel = channel · multiplier + filter. */
const depthwiseProducts: ProductLoop = ({ input, output, filter }, attributes, visit) => {
  const [height, width, channels, multiplier] = filter;
  forEachTap({ input, output, size: [height, width] }, attributes, (inPixel, outPixel, tap) => {
    for (let c = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++) {
        const at = c * multiplier + m;
        visit(
          inPixel * channels + c,
          outPixel * channels * multiplier + at,
          tap * channels * multiplier + at,
        );
      }
    }
  });
};

function convolve(
  loop: ProductLoop,
  x: Tensor,
  filter: Tensor,
  attributes: Attributes,
  shape: readonly number[],
): Tensor {
  const data = new Float64Array(sizeOf(shape));
  loop({ input: x.shape, output: shape, filter: filter.shape }, attributes, (i, o, w) => {
    data[o] += x.data[i] * filter.data[w];
  });
  return { shape, data };
}

const forward =
  (loop: ProductLoop): Kernel =>
  ([x, filter], attributes, [{ shape }]) => [convolve(loop, x, filter, attributes, shape).data];

const fused =
  (loop: ProductLoop): Kernel =>
  ([x, filter, bias, slopes], attributes, [{ shape }]) => [
    biasAndActivation(convolve(loop, x, filter, attributes, shape), bias, slopes, attributes),
  ];

const inputGradient =
  (loop: ProductLoop): Kernel =>
  ([dy, filter], attributes, [{ shape }]) => {
    const dx = new Float64Array(sizeOf(shape));
    loop({ input: shape, output: dy.shape, filter: filter.shape }, attributes, (i, o, w) => {
      dx[i] += dy.data[o] * filter.data[w];
    });
    return [dx];
  };

const filterGradient =
  (loop: ProductLoop): Kernel =>
  ([x, dy], attributes, [{ shape }]) => {
    const dw = new Float64Array(sizeOf(shape));
    loop({ input: x.shape, output: dy.shape, filter: shape }, attributes, (i, o, w) => {
      dw[w] += x.data[i] * dy.data[o];
    });
    return [dw];
  };

export const convolutionKernels: KernelFamily = {
  Conv2D: forward(plainProducts),
  FusedConv2D: fused(plainProducts),
  Conv2DBackpropInput: inputGradient(plainProducts),
  Conv2DBackpropFilter: filterGradient(plainProducts),
  Conv3D: forward(plainProducts),
  Conv3DBackpropInputV2: inputGradient(plainProducts),
  Conv3DBackpropFilterV2: filterGradient(plainProducts),
  DepthwiseConv2dNative: forward(depthwiseProducts),
  FusedDepthwiseConv2D: fused(depthwiseProducts),
  DepthwiseConv2dNativeBackpropInput: inputGradient(depthwiseProducts),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(depthwiseProducts),
};
