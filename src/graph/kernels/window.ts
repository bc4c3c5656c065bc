/** The geometry that convolution and pooling share: which input pixel each tap of each window sees. */
import { type Attributes, pairOf } from "./tensor.ts";

/** A window sliding over an image. Shapes are `[B, H, W, C]`. */
export interface Window {
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** Taps, `[height, width]`. */
  readonly size: readonly [number, number];
}

/** Indices of pixels, to be multiplied by the number of channels; `tap` counts row by row within the window. */
export type Tap = (inputPixel: number, outputPixel: number, tap: number) => void;

/**
 * Visits every tap of every window that lies inside the image; taps on the padding are left out.
 *
 * Order: output pixels row-major, and the taps of one window row-major.
 */
export function forEachTap({ input, output, size }: Window, attributes: Attributes, visit: Tap): void {
  const [batch, height, width] = input;
  const [, outHeight, outWidth] = output;
  const strides = pairOf(attributes.strides);
  const dilations = pairOf(attributes.dilations ?? 1);
  const before = ([0, 1] as const).map((axis) => {
    const { pad } = attributes;
    if (pad === "valid") return 0;
    if (typeof pad === "number") return pad;
    // [[0, 0], [top, bottom], [left, right], [0, 0]]
    if (Array.isArray(pad)) return (pad as number[][])[axis + 1][0];
    const covered = (output[axis + 1] - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1;
    return Math.floor(Math.max(0, covered - input[axis + 1]) / 2);
  });
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        for (let tapY = 0; tapY < size[0]; tapY++) {
          for (let tapX = 0; tapX < size[1]; tapX++) {
            const y = outY * strides[0] - before[0] + tapY * dilations[0];
            const x = outX * strides[1] - before[1] + tapX * dilations[1];
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            visit(
              (n * height + y) * width + x,
              (n * outHeight + outY) * outWidth + outX,
              tapY * size[1] + tapX,
            );
          }
        }
      }
    }
  }
}
