/** Makes the folder that something is written into, with those above it. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { writing } from "./writing.ts";

/** Makes `folder` unless it is there. @throws {YfError} `NOT_WRITABLE`. */
export function makeFolder(folder: string): void {
  writing(folder, () => make(resolve(folder)));
}

/** One by one, as `mkdirSync` with `recursive` never returns where folders cannot be made, such as in /proc. */
function make(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (!existsSync(parent)) make(parent);
  mkdirSync(folder);
}
