/** Data sets in files of arrays: NumPy's `.npz` and `.npy`, safetensors, and idx. */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { readHeader } from "../formats/safetensors-header.ts";
import { badFile } from "./bad-file.ts";
import type { DataSplit } from "./dataset.ts";
import { readIdx } from "./idx.ts";
import type { LabelKind } from "./label-kind.ts";
import { readNpy } from "./npy.ts";
import { plainOrGzipped, readBytes } from "./read-bytes.ts";
import { pairTensors, type Tensor } from "./tensor-pairs.ts";
import { readZip } from "./zip.ts";

/**
 * Reads a `.npz` archive with arrays `features` and `labels` (or `x_train` and `y_train`, or `x` and `y`), and perhaps
 * those to test with.
 *
 * @throws {YfError} `BAD_DATA` with the byte in question.
 */
export function readNpzFile(file: string, kind: LabelKind): DataSplit {
  const refuse = (rule: string, received: unknown, offset?: number) =>
    badFile(file, rule, received, offset === undefined ? {} : { offset });
  const tensors = new Map<string, Tensor>();
  for (const [name, bytes] of readZip(readBytes(file), refuse)) {
    const array = name.replace(/\.npy$/, "");
    tensors.set(
      array,
      readNpy(bytes, (rule, received, offset) =>
        badFile(`${file}/${name}`, rule, received, { offset: offset ?? 0 }),
      ),
    );
  }
  return pairTensors(tensors, kind, refuse);
}

/**
 * Reads features from a `.npy` file, and labels from the one beside it: `features.npy` and `labels.npy`, `x….npy` and
 * `y….npy`.
 *
 * @throws {YfError} `BAD_DATA` if there is no such pair, or with the byte in question.
 */
export function readNpyFile(file: string, kind: LabelKind): DataSplit {
  const labelFile = file
    .replace(/features(?=[^/\\]*$)/, "labels")
    .replace(/([/\\]|^)([xX])(?=[^/\\]*$)/, (_, before, x) => `${before}${x === "x" ? "y" : "Y"}`);
  if (labelFile === file) {
    const rule = "its name must hold features or begin with x, so that labels, or y, is the file beside it";
    throw badFile(file, rule, file);
  }
  const read = (from: string) =>
    readNpy(readBytes(from), (rule, received, offset) =>
      badFile(from, rule, received, { offset: offset ?? 0 }),
    );
  const tensors = new Map([
    ["features", read(file)],
    ["labels", read(labelFile)],
  ]);
  return pairTensors(tensors, kind, (rule, received) => badFile(file, rule, received));
}

/**
 * Reads images or other features from an idx file, and labels from the one beside it: `…train-images-idx3-ubyte` and
 * `…train-labels-idx1-ubyte`. Those to test with are there, too, if there are such files with `t10k` or `test` for `train`.
 *
 * Images are `[H, W, 1]`. @throws {YfError} `BAD_DATA` if there is no such pair or a file is damaged.
 */
export function readIdxFile(file: string, kind: LabelKind): DataSplit {
  const testFile = ["t10k", "test"]
    .map((half) => renamed(file, /train/, half))
    .find((other) => other !== file && existsSync(other));
  const train = idxPair(file);
  const test = testFile === undefined ? null : idxPair(testFile);
  const tensors = new Map([
    ["features", train.images],
    ["labels", train.labels],
    ...(test === null
      ? []
      : ([
          ["test_features", test.images],
          ["test_labels", test.labels],
        ] as const)),
  ]);
  return pairTensors(tensors, kind, (rule, received) => badFile(file, rule, received));
}

function idxPair(file: string): { images: Tensor; labels: Tensor } {
  const labelFile = renamed(renamed(file, /images/, "labels"), /idx\d/, "idx1");
  if (labelFile === file) {
    const rule =
      "its name must hold images, so that labels are in the file beside it with labels in its name";
    throw badFile(file, rule, basename(file));
  }
  const [images, labels] = [file, labelFile].map((from): Tensor => {
    const { data, shape } = readIdx(from);
    return { values: data, shape: shape.length === 3 ? [...shape, 1] : shape };
  });
  return { images, labels };
}

/** The file beside another one, compressed or not, with a part of the other's name replaced. */
function renamed(file: string, part: RegExp, by: string): string {
  const name = basename(file).replace(/\.gz$/, "");
  return part.test(name) ? plainOrGzipped(dirname(file), name.replace(part, by)) : file;
}

const elementBytes = { F32: 4, F64: 8, I8: 1, I16: 2, I32: 4, I64: 8, U8: 1, U16: 2 } as const;

const arrays = {
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  I16: Int16Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U16: Uint16Array,
} as const;

/**
 * Reads the tensors of a safetensors file, by the names that {@link readNpzFile} has.
 *
 * @throws {YfError} `BAD_DATA`.
 */
export function readSafetensorsFile(file: string, kind: LabelKind): DataSplit {
  const refuse = (rule: string, received: unknown) => badFile(file, rule, received);
  const bytes = readBytes(file);
  const { dataStart, tensors } = readHeader(bytes, elementBytes, refuse);
  const byName = tensors.map(({ begin, dtype, end, name, shape }): [string, Tensor] => {
    // A copy of its own begins at a multiple of every element's size.
    const own = Uint8Array.from(bytes.subarray(dataStart + begin, dataStart + end));
    const values = new arrays[dtype as keyof typeof arrays](own.buffer);
    return [
      name,
      { shape, values: values instanceof BigInt64Array ? narrowed(name, values, refuse) : values },
    ];
  });
  return pairTensors(new Map(byName), kind, refuse);
}

/** Integers as Python's frameworks have class indices, in 32 bits. */
function narrowed(
  name: string,
  values: BigInt64Array,
  refuse: (rule: string, received: unknown) => Error,
): Int32Array {
  const wrong = values.findIndex((value) => BigInt.asIntN(32, value) !== value);
  if (wrong < 0) return Int32Array.from(values, Number);
  throw refuse(`every integer in ${name} must fit in 32 bits`, `${values[wrong]} at flat index ${wrong}`);
}
