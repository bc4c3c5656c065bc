/** Makes the folder that something is written into, with those above it. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { writing } from "./writing.ts";

/** Makes `folder` unless it is there. @throws {YfError} `NOT_WRITABLE`. */
export function makeFolder(folder: string): void {
  writing(folder, () => make(resolve(folder)));
}

/** One by one, as `mkdirSync` with `recursive` never returns where folders cannot be made, such as in /proc. */
function make(folder: string): void {
  // A file in its place makes itself known when something is written into it.
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) make(parent);
  mkdirSync(folder);
}
