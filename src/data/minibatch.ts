/**
 * Copies one minibatch out of a data set: finds its examples, gathers their rows, changes images, scales stored bytes.
 *
 * Positions count the examples of all workers together since the start of the run, so a minibatch is known by its
 * first position alone, and one that crosses the end of an epoch continues in the order of the next.
 */
import type { Kernels } from "../kernels/kernels.ts";
import { type Augmentation, augmentImages, isImage } from "./augment.ts";
import type { Column, ColumnData, Dataset } from "./dataset.ts";
import { EpochOrder } from "./permutation.ts";

/** A column of a minibatch, row-major. */
type Rows = Float32Array | Int32Array;

/** Whether the rows of a column are stored as bytes and become float32 on their way into a minibatch. */
export function isScaledBytes({ data, dtype }: Column): boolean {
  return data instanceof Uint8Array && dtype === "float32";
}

/**
 * Fills every column of `features` and `labels`, `[size, ...]` each, with the examples at `firstPosition` and after.
 *
 * @param firstPosition Position of the first example, an integer in [0, 2⁵³ − size).
 * @param size Number of examples, > 0; may be larger than the data set.
 * @param seed Of the order of examples.
 * @param kernels Those that see `bytes` and the columns of features that are {@link isScaledBytes}.
 * @param bytes Room for such a column as stored, for one after the other; unused where there is none.
 * @param augmentations What happens to the features that are images; alike to all images of an example. Default nothing.
 * @param shuffle Whether each epoch has an order of its own, as by default; else examples come as they lie.
 */
export function fillMinibatch(
  dataset: Dataset,
  firstPosition: number,
  size: number,
  seed: number,
  kernels: Kernels,
  bytes: Uint8Array,
  features: readonly Rows[],
  labels: readonly Rows[],
  augmentations: readonly Augmentation[] = [],
  shuffle = true,
): void {
  const indices = shuffle
    ? exampleIndices(dataset.length, firstPosition, size, seed)
    : Float64Array.from({ length: size }, (_, i) => (firstPosition + i) % dataset.length);
  for (const [i, column] of dataset.features.entries()) {
    const target = features[i];
    const stored = isScaledBytes(column) ? bytes.subarray(0, target.length) : target;
    gatherRows(column, indices, stored);
    if (augmentations.length > 0 && isImage(column)) {
      augmentImages(stored, column.shape, augmentations, firstPosition, seed);
    }
    if (stored instanceof Uint8Array) {
      kernels.scaleBytes(stored, target as Float32Array, column.scale, column.offset);
    } else {
      scaleInPlace(column, target);
    }
  }
  for (const [i, column] of dataset.labels.entries()) {
    gatherRows(column, indices, labels[i]);
    scaleInPlace(column, labels[i]);
  }
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

/** Copies `size` examples in the order of the data from `first` on, scaled, into a column of a minibatch. */
export function copyRows({ data, offset, scale }: Column, first: number, size: number, target: Rows): void {
  const width = target.length / size;
  target.set(data.subarray(first * width, (first + size) * width));
  scaleInPlace({ offset, scale }, target);
}

function scaleInPlace({ offset, scale }: Pick<Column, "offset" | "scale">, target: Rows): void {
  if (scale === 1 && offset === 0) return;
  for (let i = 0; i < target.length; i++) target[i] = scale * target[i] + offset;
}

function gatherRows(column: Column, indices: Float64Array, target: ColumnData): void {
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
