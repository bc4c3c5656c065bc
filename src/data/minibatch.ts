/**
 * Copies one minibatch out of a data set: finds its examples, gathers their rows, changes images, scales stored bytes.
 *
 * Positions count the examples of all workers together since the start of the run, so a minibatch is known by its
 * first position alone, and one that crosses the end of an epoch goes on in the order of the next.
 */
import type { Kernels } from "../kernels/kernels.ts";
import { type Augmentation, augmentImages } from "./augment.ts";
import type { Column, ColumnData, Dataset } from "./dataset.ts";
import { EpochOrder } from "./permutation.ts";

/**
 * Fills `features` `[size, ...]` and `labels` `[size, ...]` with the examples at `firstPosition` and after.
 *
 * @param firstPosition Position of the first example, an integer in [0, 2⁵³ − size).
 * @param size Number of examples, > 0; may be larger than the data set.
 * @param seed Of the order of examples.
 * @param kernels Those that see `bytes` and `features` if the features are bytes that become float32.
 * @param bytes Room for the features as stored, at least as many as there are features, in that case; else unused.
 * @param augmentations What happens to images `[H, W, C]`; default nothing.
 */
export function fillMinibatch(
  dataset: Dataset,
  firstPosition: number,
  size: number,
  seed: number,
  kernels: Kernels,
  bytes: Uint8Array,
  features: Float32Array | Int32Array,
  labels: Float32Array | Int32Array,
  augmentations: readonly Augmentation[] = [],
): void {
  const indices = exampleIndices(dataset.length, firstPosition, size, seed);
  const { data, dtype, scale, shape, offset } = dataset.features;
  const augment = (images: ColumnData) => {
    if (augmentations.length > 0) augmentImages(images, shape, augmentations, firstPosition, seed);
  };
  if (data instanceof Uint8Array && dtype === "float32") {
    const stored = bytes.subarray(0, features.length);
    gatherRows(dataset.features, indices, stored);
    augment(stored);
    kernels.scaleBytes(stored, features as Float32Array, scale, offset);
  } else {
    gatherRows(dataset.features, indices, features);
    augment(features);
    scaleInPlace(dataset.features, features);
  }
  gatherRows(dataset.labels, indices, labels);
  scaleInPlace(dataset.labels, labels);
}

function exampleIndices(length: number, firstPosition: number, size: number, seed: number): Float64Array {
  const indices = new Float64Array(size);
  let epoch = Math.floor(firstPosition / length);
  let place = firstPosition - epoch * length;
  let order = new EpochOrder(seed, epoch, length);
  for (let i = 0; i < size; i++) {
    if (place === length) {
      place = 0;
      order = new EpochOrder(seed, ++epoch, length);
    }
    indices[i] = order.at(place++);
  }
  return indices;
}

function scaleInPlace({ offset, scale }: Column, target: Float32Array | Int32Array): void {
  if (scale === 1 && offset === 0) return;
  for (let i = 0; i < target.length; i++) target[i] = scale * target[i] + offset;
}

function gatherRows(
  column: Column,
  indices: Float64Array,
  target: Uint8Array | Float32Array | Int32Array,
): void {
  const { data } = column;
  const width = target.length / indices.length;
  if (width === 1) {
    for (let i = 0; i < indices.length; i++) target[i] = data[indices[i]];
    return;
  }
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * width;
    target.set(data.subarray(from, from + width), i * width);
  }
}
