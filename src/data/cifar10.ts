/**
 * CIFAR-10 in its binary form: six files of records, a byte of label and 32×32 pixels, all red ones, all green, all blue.
 *
 * Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the page of the data set,
 * "Binary version".
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badFile } from "./bad-file.ts";
import type { DataSplit, Dataset } from "./dataset.ts";
import { plainOrGzipped, readBytes } from "./read-bytes.ts";

/** In the order of the labels, as `batches.meta.txt` has them. */
const classNames = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

/** Labels are 0 … classes − 1. */
export const cifar10Classes = classNames.length;

const side = 32;
const channels = 3;
const plane = side * side;
const recordBytes = 1 + channels * plane;

/** Mean and standard deviation of all training pixels in [0, 1], over all three channels. */
const pixelMean = 0.4734;
const pixelDeviation = 0.2516;

const trainFiles = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`);

/**
 * Reads the six files in a folder, or in its folder `cifar-10-batches-bin`, each as it is or with `.gz`.
 *
 * Features are `[32, 32, 3]` float32, (pixel/255 − 0.4734)/0.2516, stored as bytes; labels are int32 scalars.
 *
 * @throws {YfError} `BAD_DATA` if a file is missing or damaged, with the byte in question.
 */
export function readCifar10(folder: string): DataSplit {
  const inner = join(folder, "cifar-10-batches-bin");
  const from = existsSync(inner) ? inner : folder;
  return { train: readRecords(from, trainFiles), test: readRecords(from, ["test_batch.bin"]) };
}

function readRecords(folder: string, names: readonly string[]): Dataset {
  const files = names.map((name) => {
    const file = plainOrGzipped(folder, name);
    const bytes = readBytes(file);
    if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
      throw badFile(
        file,
        `its length must be a multiple of ${recordBytes} bytes, one record each`,
        bytes.length,
      );
    }
    return { bytes, file };
  });
  const length = files.reduce((total, { bytes }) => total + bytes.length / recordBytes, 0);
  const pixels = new Uint8Array(new SharedArrayBuffer(length * channels * plane));
  const labels = new Uint8Array(new SharedArrayBuffer(length));
  let example = 0;
  for (const { bytes, file } of files) {
    for (let at = 0; at < bytes.length; at += recordBytes, example++) {
      if (bytes[at] >= cifar10Classes) {
        const rule = `every label must be in [0, ${cifar10Classes - 1}]`;
        throw badFile(file, rule, bytes[at], { offset: at });
      }
      labels[example] = bytes[at];
      interleave(bytes.subarray(at + 1, at + recordBytes), pixels.subarray(example * channels * plane));
    }
  }
  return {
    features: [
      {
        data: pixels,
        shape: [side, side, channels],
        dtype: "float32",
        scale: 1 / (255 * pixelDeviation),
        offset: -pixelMean / pixelDeviation,
      },
    ],
    labels: [
      { data: labels, shape: [], dtype: "int32", scale: 1, offset: 0, classes: cifar10Classes, classNames },
    ],
    length,
  };
}

/** Three planes as pixels of three channels. */
function interleave(planes: Uint8Array, pixels: Uint8Array): void {
  for (let at = 0; at < plane; at++) {
    for (let channel = 0; channel < channels; channel++) {
      pixels[at * channels + channel] = planes[channel * plane + at];
    }
  }
}
