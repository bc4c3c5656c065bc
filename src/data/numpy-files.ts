/** Data sets in NumPy's files: archives of arrays, `.npz`, and single arrays, `.npy`; also SciPy's sparse matrices. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { chooseArrays } from "./array-names.ts";
import { badFile } from "./bad-file.ts";
import type { DataSplit } from "./dataset.ts";
import { readNpy } from "./npy.ts";
import { readBytes } from "./read-bytes.ts";
import { isSparse, readSparse } from "./sparse-matrix.ts";
import {
  choosePair,
  listed,
  type PairOptions,
  pairTensors,
  type Tensor,
  type TensorReaders,
} from "./tensor-pairs.ts";
import { readZip } from "./zip.ts";

/**
 * Reads features and labels out of a `.npz` archive by the names of its arrays, and those to test with if there are such.
 * What `scipy.sparse.save_npz` writes is features alone; labels are in a file beside it, as for {@link readNpyFile}.
 *
 * @throws {YfError} `BAD_DATA` with the byte in question.
 */
export function readNpzFile(file: string, options: PairOptions): DataSplit {
  const readers = npzReaders(file);
  if (isSparse(readers)) return readNpyFile(file, options);
  const refuse = (rule: string, received?: unknown) => badFile(file, rule, received);
  return pairTensors(readers, choosePair(readers, options, refuse), options, refuse);
}

/**
 * Reads features from a `.npy` file, and labels from the one beside it whose name goes with its own: `x_train.npy` and
 * `y_train.npy`. Those to test with are there, too, if there are such files with `test`, or `val`, for `train`.
 *
 * @throws {YfError} `BAD_DATA` if there is no such file, or with the byte in question.
 */
export function readNpyFile(file: string, options: PairOptions): DataSplit {
  const refuse = (rule: string, received?: unknown) => badFile(file, rule, received);
  const features = nameOf(file);
  if (options.hasLabels === false) {
    const alone = new Map([[features, () => readLone(file)]]);
    return pairTensors(alone, { features, labels: null, test: null, unused: [] }, options, refuse);
  }
  const beside = filesBeside(file).set(features, file);
  const names = [...beside.keys()];
  const { labels, test } = chooseArrays(names, { ...options, featuresArray: features });
  if (labels === null || !beside.has(labels)) {
    const rule =
      labels === null
        ? "its labels must be in a file beside it, such as y_train.npy for x_train.npy or labels.npy for features.npy (--labels-array NAME names another)"
        : `its labels must be in ${labels}.npy beside it`;
    throw refuse(rule, listed(names.filter((name) => name !== features).sort()) || "no other file");
  }
  const readers = new Map([...beside].map(([name, from]) => [name, () => readLone(from)]));
  return pairTensors(readers, { features, labels, test, unused: [] }, options, refuse);
}

const nameOf = (file: string) => basename(file).replace(/\.np[yz]$/, "");

/** Files of arrays in the folder of another one, by their names without ending. */
function filesBeside(file: string): Map<string, string> {
  const folder = dirname(file);
  const files = readdirSync(folder).filter((name) => /\.np[yz]$/.test(name));
  // In this order .npy comes last, and takes the place of .npz.
  return new Map(
    files
      .sort()
      .reverse()
      .map((name) => [nameOf(name), join(folder, name)]),
  );
}

/** One array, dense or sparse, alone in its file. */
function readLone(file: string): Tensor {
  if (file.endsWith(".npy")) return npyIn(readBytes(file), file);
  const readers = npzReaders(file);
  const refuse = (rule: string, received?: unknown) => badFile(file, rule, received);
  if (isSparse(readers)) return readSparse(readers, sparseForm(file), refuse);
  if (readers.size === 1) return [...readers.values()][0]();
  throw refuse("must hold a single array", listed([...readers.keys()]) || undefined);
}

function npzReaders(file: string): TensorReaders {
  const arrays = [...filesIn(file)].filter(([name]) => name.endsWith(".npy"));
  return new Map(
    arrays.map(([name, unpack]) => [name.replace(/\.npy$/, ""), () => npyIn(unpack(), `${file}/${name}`)]),
  );
}

function filesIn(file: string): Map<string, () => Uint8Array> {
  return readZip(readBytes(file), (rule, received, offset) =>
    badFile(file, rule, received, offset === undefined ? {} : { offset }),
  );
}

/** The form of a sparse matrix: a text of three bytes after a header. */
function sparseForm(file: string): string {
  const bytes = filesIn(file).get("format.npy")?.();
  return Buffer.from(bytes?.subarray(-3) ?? []).toString("latin1");
}

function npyIn(bytes: Uint8Array, source: string): Tensor {
  return readNpy(bytes, (rule, received, offset) => badFile(source, rule, received, { offset: offset ?? 0 }));
}
