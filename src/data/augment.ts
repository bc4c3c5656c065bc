/**
 * Changes images at random before each use: shifts them, mirrors them.
 *
 * What happens to an example follows from the seed and its place in the run alone, so that every worker and every epoch
 * has other images, and a run that is repeated has the same ones, on any number of threads.
 * Source: K. He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385, §4.2.
 */
import { mix } from "../math/mix.ts";
import type { Column, ColumnData } from "./dataset.ts";

/** `crop`: a part as large as the image of the image with zeros around it. `flip`: left and right trade places. */
export type Augmentation = "crop" | "flip";

/** Whether a column holds images, `[H, W, C]`. */
export function isImage({ dtype, shape }: Column): boolean {
  return dtype === "float32" && shape.length === 3;
}

/** Zeros on each side that a crop is taken from. */
const padding = 4;

/** Keeps these draws apart from those of the order of examples. */
const stream = 0x1b873593;

/**
 * Changes a minibatch of images in place.
 *
 * @param images Stored values `[B, H, W, C]`, before scaling: 0 is what crops are padded with.
 * @param shape `[H, W, C]`.
 * @param firstPosition Position of the first one in the run, an integer in [0, 2⁵³).
 */
export function augmentImages(
  images: ColumnData,
  shape: readonly number[],
  augmentations: readonly Augmentation[],
  firstPosition: number,
  seed: number,
): void {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const crops = augmentations.includes("crop");
  const flips = augmentations.includes("flip");
  const original = images.slice(0, size);
  for (let from = 0; from < images.length; from += size) {
    const bits = drawBits(seed, firstPosition + from / size);
    const image = images.subarray(from, from + size);
    if (flips && (bits & 1) === 1) flip(image, width, channels);
    if (!crops) continue;
    original.set(image);
    const shifts = 2 * padding + 1;
    const down = ((bits >>> 1) % shifts) - padding;
    const right = ((mix(bits) >>> 1) % shifts) - padding;
    shift(original, image, [height, width, channels], down, right);
  }
}

/** 32 random bits for one example of a run. */
function drawBits(seed: number, position: number): number {
  return mix(mix(mix(seed ^ stream) ^ (position % 2 ** 32)) ^ Math.floor(position / 2 ** 32));
}

/** Row y and column x of the result show row y + down and column x + right, or zeros outside of the image. */
function shift(
  source: ColumnData,
  target: ColumnData,
  [height, width, channels]: readonly [number, number, number],
  down: number,
  right: number,
): void {
  target.fill(0);
  const left = Math.max(0, -right);
  const columns = Math.min(width, width - right) - left;
  if (columns <= 0) return;
  for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
    const from = ((y + down) * width + left + right) * channels;
    target.set(source.subarray(from, from + columns * channels), (y * width + left) * channels);
  }
}

function flip(image: ColumnData, width: number, channels: number): void {
  for (let row = 0; row < image.length; row += width * channels) {
    for (let left = 0; left < width - 1 - left; left++) {
      const right = width - 1 - left;
      for (let channel = 0; channel < channels; channel++) {
        const [a, b] = [row + left * channels + channel, row + right * channels + channel];
        [image[a], image[b]] = [image[b], image[a]];
      }
    }
  }
}
