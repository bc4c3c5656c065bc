/** A small problem that trains in milliseconds: two spirals would be too hard, four Gaussian blobs are not. */

import type { ArrayData } from "../../src/data/from-arrays.ts";
import { createRandom } from "../../src/math/random.ts";

const classes = 4;

/** `length` points `[6]` around the corners of a square, in six redundant coordinates. */
export function blobs(length: number, seed: number) {
  const random = createRandom(seed);
  const noise = () => random() + random() + random() - 1.5;
  const labels = Uint8Array.from({ length }, () => Math.floor(classes * random()));
  const features = Float32Array.from({ length: 6 * length }, (_, i) => {
    const label = labels[Math.floor(i / 6)];
    const side = i % 2 === 0 ? (label & 1) * 2 - 1 : (label & 2) - 1;
    return side + 0.5 * noise();
  });
  return { features, labels: { values: labels, classes } } satisfies ArrayData;
}

export const blobSplit = { train: blobs(512, 1), test: blobs(100, 2) };
