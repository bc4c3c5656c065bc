/** Images of digits in seven segments: shifted, of uneven brightness and with noise. */
import * as tf from "@tensorflow/tfjs";
import { integer, type Random } from "./draw.ts";

/** Height and width of an image. */
export const side = 14;

/** Segments of each digit: top, middle, bottom; upper left and right, lower left and right. */
const segments = [
  0b1011111, 0b0000101, 0b1110110, 0b1110101, 0b0101101, 0b1111001, 0b1111011, 0b1000101, 0b1111111,
  0b1111101,
];

export interface Digits {
  /** `[N, 14, 14, 1]`, in [0, 1]. */
  readonly images: tf.Tensor4D;
  /** Classes, N of them. */
  readonly digits: Int32Array;
}

/** @param among Digits to draw from. */
export function drawDigits(
  random: Random,
  n: number,
  among: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
): Digits {
  const pixels = new Float32Array(n * side * side);
  const digits = Int32Array.from({ length: n }, () => among[integer(random, among.length)]);
  for (const [i, digit] of digits.entries()) {
    const image = pixels.subarray(i * side * side, (i + 1) * side * side);
    drawDigit(image, digit, random);
  }
  return { images: tf.tensor4d(pixels, [n, side, side, 1]), digits };
}

/** Class indices as rows with one 1. */
export const oneHot = (classes: Int32Array, depth: number): tf.Tensor2D =>
  tf.oneHot(tf.tensor1d(classes, "int32"), depth).toFloat() as tf.Tensor2D;

function drawDigit(image: Float32Array, digit: number, random: Random): void {
  const [top, left] = [1 + integer(random, 4), 1 + integer(random, 7)];
  const brightness = 0.5 + 0.5 * random();
  const has = (segment: number) => (segments[digit] >> segment) & 1;
  for (let i = 0; i < 5; i++) {
    for (const [line, segment] of [6, 5, 4].entries())
      if (has(segment)) image[(top + 4 * line) * side + left + i] = brightness;
    for (const [place, segment] of [3, 2, 1, 0].entries()) {
      const row = top + i + (place < 2 ? 0 : 4);
      if (has(segment)) image[row * side + left + (place % 2) * 4] = brightness;
    }
  }
  for (let i = 0; i < image.length; i++)
    image[i] = Math.min(1, Math.max(0, image[i] + 0.3 * (random() - 0.5)));
}
