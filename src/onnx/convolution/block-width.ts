/**
 * Which form a convolution takes: Toeplitz products with blocks of some width, or ONNX Runtime's own operators.
 *
 * The rule estimates nanoseconds of one forward and backward pass from three rates, fitted to what one thread on a Zen 5
 * core takes: products at 260 GFLOP/s, whose columns come in sixteens, windows and their gradients at 1 ns an element, and
 * a gather and a fold of T at 2.5 ns an element. LeNet at batch 64, milliseconds per gradient by widths of both
 * convolutions: (4, 2) 2.68, (4, 4) 2.47, (6, 4) 2.41, (8, 4) 2.38, (12, 4) 2.50, (24, 4) 2.95, (8, 2) 2.46, (8, 8) 3.00.
 */
import { type ConvolutionShape, windowLength } from "./toeplitz.ts";

const nanosecondsPerFlop = 1 / 260;
/** Columns that a product computes at once. */
const columnStep = 16;
const nanosecondsPerWindowElement = 1;
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
    3 * 2 * rows * length * columnStep * Math.ceil(columns / columnStep) * nanosecondsPerFlop +
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
