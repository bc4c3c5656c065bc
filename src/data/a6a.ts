/**
 * a6a: who earns more than 50,000 dollars a year, by 123 binary features of a census; logistic regression's usual test.
 *
 * Owns where the two files are and what they must hold; `libsvm.ts` owns the format. A checkout has them.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { DataSplit } from "./dataset.ts";
import { readLibsvm } from "./libsvm.ts";
import { plainOrGzipped } from "./read-bytes.ts";

const width = 123;

/** Class 0 is LIBSVM's label −1, class 1 its +1. */
export const a6aClasses = 2;

/**
 * Reads the two files in a folder, each as it is or with `.gz`.
 *
 * Features are `[123]` float32, 0 or 1; labels are int32 scalars.
 *
 * @param folder Holds `a6a`, to train on, and `a6a.t`, to test with.
 * @throws {YfError} `BAD_DATA` if a file is missing or damaged.
 */
export function readA6a(folder: string): Promise<DataSplit & { classes: number }> {
  const testFile = plainOrGzipped(folder, "a6a.t");
  const options = { labels: "class", testFile, features: width, firstIndex: 1 } as const;
  return readLibsvm(plainOrGzipped(folder, "a6a"), options);
}

/** The folder of a checkout that has the files; null in an installed package, which comes without benchmarks. */
export function findA6aInCheckout(): string | null {
  const root = dirname(createRequire(import.meta.url).resolve("yf-async/package.json"));
  const folder = join(root, "bench", "data", "a6a");
  return existsSync(folder) ? folder : null;
}
