/** Makes a folder smaller: deletes what is not needed to run. */
import { lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

/** @param isNeeded Decides by a file's path, relative to `root`, with slashes. Folders without any file go, too. */
export function keepFiles(root: string, isNeeded: (path: string) => boolean): void {
  const visit = (folder: string) => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (lstatSync(path).isDirectory()) visit(path);
      else if (!isNeeded(relative(root, path))) rmSync(path);
    }
    if (folder !== root && readdirSync(folder).length === 0) rmdirSync(folder);
  };
  visit(root);
}
