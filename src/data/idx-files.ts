/** Data sets in idx files, the format of MNIST: images in one, labels in another beside it. */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { badFile } from "./bad-file.ts";
import type { DataSplit } from "./dataset.ts";
import { readIdx } from "./idx.ts";
import { plainOrGzipped } from "./read-bytes.ts";
import { type PairOptions, pairTensors, type Tensor } from "./tensor-pairs.ts";

/**
 * Reads images or other features from an idx file, and labels from the one beside it: `…train-images-idx3-ubyte` and
 * `…train-labels-idx1-ubyte`. Those to test with are there, too, if there are such files with `t10k` or `test` for `train`.
 *
 * Images are `[H, W, 1]`. @throws {YfError} `BAD_DATA` if there is no such pair or a file is damaged.
 */
export function readIdxFile(file: string, options: PairOptions): DataSplit {
  const refuse = (rule: string, received?: unknown) => badFile(file, rule, received);
  if (options.hasLabels === false) {
    const alone = new Map([["images", () => idxTensor(file)]]);
    return pairTensors(alone, { features: "images", labels: null, test: null, unused: [] }, options, refuse);
  }
  const testFile = ["t10k", "test"]
    .map((half) => renamed(file, /train/, half))
    .find((other) => other !== file && existsSync(other));
  const train = idxPair(file);
  const test = testFile === undefined ? null : idxPair(testFile);
  const readers = new Map([
    ["images", () => train.images],
    ["labels", () => train.labels],
    ...(test === null
      ? []
      : ([
          ["test_images", () => test.images],
          ["test_labels", () => test.labels],
        ] as const)),
  ]);
  const tested = test === null ? null : { features: "test_images", labels: "test_labels" };
  const pairs = { features: "images", labels: "labels", test: tested, unused: [] };
  return pairTensors(readers, pairs, options, refuse);
}

function idxPair(file: string): { images: Tensor; labels: Tensor } {
  const labelFile = renamed(renamed(file, /images/, "labels"), /idx\d/, "idx1");
  if (labelFile === file) {
    const rule =
      "its name must hold images, so that labels are in the file beside it with labels in its name";
    throw badFile(file, rule, basename(file));
  }
  return { images: idxTensor(file), labels: idxTensor(labelFile) };
}

function idxTensor(file: string): Tensor {
  const { data, shape } = readIdx(file);
  const type = data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
  return { type, values: data, shape: shape.length === 3 ? [...shape, 1] : shape };
}

/** The file beside another one, compressed or not, with a part of the other's name replaced. */
function renamed(file: string, part: RegExp, by: string): string {
  const name = basename(file).replace(/\.gz$/, "");
  return part.test(name) ? plainOrGzipped(dirname(file), name.replace(part, by)) : file;
}
