/**
 * Which form a convolution takes: Toeplitz products with blocks of some width, or ONNX Runtime's own operators.
 *
 * The rule estimates nanoseconds of one forward and backward pass from three rates measured with one thread on a Zen 5
 * core: products at 200 GFLOP/s, windows and their gradients at 4 bytes per 0.5 ns, and a gather and a fold of T at
 * 2.5 ns per element. LeNet at batch 64, milliseconds per step by widths of both convolutions:
 * (24, 8) 4.04, (12, 4) 3.22, (8, 4) 3.03, (4, 4) 3.21, (8, 2) 4.07, (4, 2) 3.82.
 */
import { type ConvolutionShape, windowLength } from "./toeplitz.ts";

const nanosecondsPerFlop = 1 / 200;
const nanosecondsPerWindowElement = 0.5;
const nanosecondsPerToeplitzElement = 2.5;

/** ONNX Runtime's NCHW convolutions with the changes of layout around them, all three passes, GFLOP/s. */
const nanosecondsPerNativeFlop = 1 / 60;
const nanosecondsPerLayoutElement = 1.2;

/**
 * @param even Whether the width must be even (the output is wanted in phases).
 * @returns The cheapest width that divides the output width, or null when the native operators are cheaper.
 */
export function blockWidth(shape: ConvolutionShape, even: boolean): number | null {
  const widths = Array.from({ length: shape.outWidth }, (_, i) => i + 1).filter(
    (width) => shape.outWidth % width === 0 && (!even || width % 2 === 0),
  );
  const best = widths.reduce<{ width: number; cost: number } | null>((least, width) => {
    const cost = toeplitzCost(shape, width);
    return least === null || cost < least.cost ? { width, cost } : least;
  }, null);
  return best !== null && best.cost <= nativeCost(shape) ? best.width : null;
}

function toeplitzCost(shape: ConvolutionShape, width: number): number {
  const rows = (shape.batch * shape.outHeight * shape.outWidth) / width;
  const length = windowLength(shape, width);
  const columns = width * shape.outChannels;
  return (
    3 * 2 * rows * length * columns * nanosecondsPerFlop +
    2 * rows * length * nanosecondsPerWindowElement +
    length * columns * nanosecondsPerToeplitzElement
  );
}

function nativeCost(shape: ConvolutionShape): number {
  const { batch, outHeight, outWidth, outChannels, inHeight, inWidth, inChannels } = shape;
  const outputs = batch * outHeight * outWidth * outChannels;
  const flops = 2 * outputs * shape.filterHeight * shape.filterWidth * inChannels;
  const layout = 2 * (outputs + batch * inHeight * inWidth * inChannels);
  return 3 * flops * nanosecondsPerNativeFlop + layout * nanosecondsPerLayoutElement;
}
