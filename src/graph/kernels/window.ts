/** The geometry that convolution and pooling share: which input pixel each tap of each window sees. */
import { type Attributes, forEachCoordinate, perAxis, sizeOf, stridesOf } from "./tensor.ts";

/** A window sliding over an image. Shapes are `[B, H, W, C]`, or `[B, D, H, W, C]`. */
export interface Window {
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** Taps, `[height, width]` or `[depth, height, width]`. */
  readonly size: readonly number[];
}

/** Indices of pixels, to be multiplied by the number of channels; `tap` counts row by row within the window. */
export type Tap = (inputPixel: number, outputPixel: number, tap: number) => void;

/**
 * Visits every tap of every window that lies inside the image; taps on the padding are left out.
 *
 * Order: output pixels row-major, and the taps of one window row-major.
 */
export function forEachTap({ input, output, size }: Window, attributes: Attributes, visit: Tap): void {
  const image = input.slice(1, -1);
  const windows = output.slice(1, -1);
  const strides = perAxis(attributes.strides, size.length);
  const dilations = perAxis(attributes.dilations ?? 1, size.length);
  const before = size.map((taps, axis) => {
    const { pad } = attributes;
    if (pad === "valid") return 0;
    if (typeof pad === "number") return pad;
    // [[0, 0], [top, bottom], [left, right], [0, 0]]
    if (Array.isArray(pad)) return (pad as number[][])[axis + 1][0];
    const covered = (windows[axis] - 1) * strides[axis] + (taps - 1) * dilations[axis] + 1;
    return Math.floor(Math.max(0, covered - image[axis]) / 2);
  });
  const pixelStrides = stridesOf(image);
  for (let n = 0; n < input[0]; n++) {
    forEachCoordinate(windows, (at, window) => {
      forEachCoordinate(size, (position, tap) => {
        let pixel = 0;
        for (let axis = 0; axis < size.length; axis++) {
          const place = at[axis] * strides[axis] - before[axis] + position[axis] * dilations[axis];
          if (place < 0 || place >= image[axis]) return;
          pixel += place * pixelStrides[axis];
        }
        visit(n * sizeOf(image) + pixel, n * sizeOf(windows) + window, tap);
      });
    });
  }
}
