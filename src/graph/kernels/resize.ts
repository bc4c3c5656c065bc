/**
 * Resizing of NHWC images, nearest and bilinear, with gradients.
 *
 * Each gradient is the transpose of its forward pass. The nearest one of the `cpu` backend of TF.js is not for more than
 * one image: it reads the rows of a later image's gradient at the offset of that image's input.
 */
import { type Attributes, type Kernel, type KernelFamily, sizeOf } from "./tensor.ts";

/** An input position along one axis and its share in an output position. */
export type Share = readonly [position: number, weight: number];

export type Interpolation = (at: number, inSize: number, attributes: Attributes) => readonly Share[];

export const nearest: Interpolation = (at, inSize, { alignCorners }) => [
  [Math.min(inSize - 1, alignCorners ? Math.round(at) : Math.floor(at)), 1],
];

export const bilinear: Interpolation = (at, inSize) => {
  const low = Math.max(0, Math.floor(at));
  return [
    [low, 1 - (at - low)],
    [Math.min(inSize - 1, Math.ceil(at)), at - low],
  ];
};

/** The place in the input, in pixels, that an output position along one axis looks at. */
function place(out: number, inSize: number, outSize: number, attributes: Attributes, center: number): number {
  const { alignCorners, halfPixelCenters } = attributes;
  const corners = alignCorners && outSize > 1 ? 1 : 0;
  const ratio = (inSize - corners) / (outSize - corners);
  return halfPixelCenters ? ratio * (out + 0.5) - center : ratio * out;
}

/** The shares of the input positions in output position `out` along one axis. */
export function shares(
  out: number,
  inSize: number,
  outSize: number,
  attributes: Attributes,
  interpolate: Interpolation,
): readonly Share[] {
  // A nearest pixel is the one that contains the place; a bilinear one is measured from pixel centers.
  const center = interpolate === bilinear ? 0.5 : 0;
  return interpolate(place(out, inSize, outSize, attributes, center), inSize, attributes);
}

/** Visits each pair of an input and an output element that have something to do with each other. */
function forEachShare(
  [batch, height, width, channels]: readonly number[],
  [, outHeight, outWidth]: readonly number[],
  attributes: Attributes,
  interpolate: Interpolation,
  visit: (input: number, output: number, weight: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        for (const [y, weightY] of shares(outY, height, outHeight, attributes, interpolate)) {
          for (const [x, weightX] of shares(outX, width, outWidth, attributes, interpolate)) {
            for (let c = 0; c < channels; c++) {
              const input = ((n * height + y) * width + x) * channels + c;
              const output = ((n * outHeight + outY) * outWidth + outX) * channels + c;
              visit(input, output, weightY * weightX);
            }
          }
        }
      }
    }
  }
}

const forward =
  (interpolate: Interpolation): Kernel =>
  ([images], attributes, [{ shape }]) => {
    const out = new Float64Array(sizeOf(shape));
    forEachShare(images.shape, shape, attributes, interpolate, (i, o, weight) => {
      out[o] += weight * images.data[i];
    });
    return [out];
  };

const gradient =
  (interpolate: Interpolation): Kernel =>
  ([, dy], attributes, [{ shape }]) => {
    const dx = new Float64Array(sizeOf(shape));
    forEachShare(shape, dy.shape, attributes, interpolate, (i, o, weight) => {
      dx[i] += weight * dy.data[o];
    });
    return [dx];
  };

export const resizeKernels: KernelFamily = {
  ResizeNearestNeighbor: forward(nearest),
  ResizeNearestNeighborGrad: gradient(nearest),
  ResizeBilinear: forward(bilinear),
  ResizeBilinearGrad: gradient(bilinear),
};
