/** Which reader a path has, by its ending; a folder holds images. */
import { statSync } from "node:fs";
import { readCsv } from "./csv.ts";
import type { CsvForm } from "./csv-schema.ts";
import type { DataSplit } from "./dataset.ts";
import { readIdxFile } from "./idx-files.ts";
import type { ImageSize } from "./image-decoder.ts";
import { readImages } from "./images.ts";
import { readLibsvm } from "./libsvm.ts";
import { readNpyFile, readNpzFile } from "./numpy-files.ts";
import { readSafetensorsFile } from "./safetensors-file.ts";
import { outputsOf, type PairOptions } from "./tensor-pairs.ts";
import { readText } from "./text.ts";

export interface FileOptions extends CsvForm {
  readonly testData: string | null;
  readonly validationSplit: number | null;
  /** Of a LIBSVM file; null for what its largest index says. */
  readonly features: number | null;
  readonly sequenceLength: number;
  readonly imageSize: ImageSize | null;
  readonly featuresArray: string | null;
  readonly labelsArray: string | null;
}

interface FileData extends DataSplit {
  readonly classes: number;
}

/** Reads a file; `test` is null where there is nothing to test with yet. */
export type FileReader = (file: string, options: FileOptions) => FileData | Promise<FileData>;

/** Of a text, whose end is easily spared. */
const textValidationSplit = 0.1;

const csv: FileReader = (file, options) =>
  readCsv(file, {
    labelColumn: options.labelColumn,
    labels: options.labels,
    separator: options.separator,
    decimal: options.decimal,
    header: options.header,
    missing: options.missing,
    ignoreColumns: options.ignoreColumns,
    testFile: options.testData,
  });

const libsvm: FileReader = (file, { features, labels, testData }) =>
  readLibsvm(file, { labels, testFile: testData, features });

const text: FileReader = (file, { sequenceLength, testData, validationSplit }) =>
  readText(file, sequenceLength, testData, validationSplit ?? textValidationSplit);

/** A file of arrays may hold those to test with, and another file others. */
const tensors =
  (read: ArrayReader): FileReader =>
  (file, { featuresArray, labels: kind, labelsArray, testData }) => {
    const options = { featuresArray, labelsArray, kind };
    const { notes, test, train } = read(file, { ...options, like: null });
    return {
      train,
      test: testData === null ? test : read(testData, { ...options, like: train }).train,
      notes: notes ?? [],
      classes: outputsOf(train),
    };
  };

const readers = { table: csv, libsvm, text } as const satisfies Record<string, FileReader>;

/** What is in a file. */
type FileForm = keyof typeof readers | ArrayReader;

/** Reads the arrays of a file. */
type ArrayReader = (file: string, options: PairOptions) => DataSplit;

/** By endings. Texts and idx files may be compressed. */
const forms: readonly (readonly [RegExp, FileForm])[] = [
  [/\.[ct]sv(\.gz)?$/, "table"],
  [/\.(libsvm|svm)(\.gz)?$/, "libsvm"],
  [/\.txt(\.gz)?$/, "text"],
  [/\.npz$/, readNpzFile],
  [/\.npy$/, readNpyFile],
  [/\.safetensors$/, readSafetensorsFile],
  [/-ubyte(\.gz)?$/, readIdxFile],
];

/** What the ending of a path promises: a form by name, or a reader of arrays; null for no known ending. */
export function fileFormOf(path: string): FileForm | null {
  return forms.find(([ending]) => ending.test(path))?.[1] ?? null;
}

/** @returns Null where a path has no known ending and is no folder. */
export function fileReaderOf(path: string): FileReader | null {
  const form = fileFormOf(path);
  if (form !== null) return typeof form === "string" ? readers[form] : tensors(form);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder
    ? (folder, { imageSize, testData }) => readImages(folder, { size: imageSize, testFolder: testData })
    : null;
}
