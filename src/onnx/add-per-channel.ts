/**
 * x `[B, H, W, C]` plus a vector `[C]`, which is repeated for a whole image first: ONNX Runtime adds a row of C numbers at a
 * time, and of few numbers hardly more than one row in ten nanoseconds.
 */
import type { OnnxBuilder } from "./builder.ts";

/** @param shape Of x. @returns Name of the sum. */
export function addPerChannel(
  builder: OnnxBuilder,
  x: string,
  vector: string,
  shape: readonly number[],
): string {
  const [batch, height, width, channels] = shape;
  const image = [height * width, channels];
  const repeated = builder.reshape(builder.node("Expand", [vector, builder.ints(image)]), [
    image[0] * channels,
  ]);
  const rows = builder.reshape(x, [batch, image[0] * channels]);
  return builder.reshape(builder.node("Add", [rows, repeated]), shape);
}
