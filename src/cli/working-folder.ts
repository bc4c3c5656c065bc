/**
 * Relative paths that a run was given, found again from any folder: a run keeps where it was started, seen from the folder
 * that it wrote to, so that data and results may also be moved together.
 */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { type OptionName, trainingTable } from "../options/table.ts";

/** Options that name what a run reads. */
const read = ["data", "dataDir", "model", "testData"] as const satisfies readonly OptionName[];

/** The current folder as a run keeps it. @param folder It writes to. */
export const workingFolderFrom = (folder: string): string => relative(folder, process.cwd());

/**
 * @param options As the run was given them. @param folder It wrote to. @param workingFolder As it is kept; anything else where
 *   an earlier version kept none.
 * @returns Options whose paths lead from the current folder to where they led the run, as long as there still is something.
 */
export function foundFromHere<V>(
  options: Readonly<Record<string, V>>,
  folder: string,
  workingFolder: unknown,
): Readonly<Record<string, V | string>> {
  if (typeof workingFolder !== "string") return options;
  const found: Record<string, V | string> = { ...options };
  for (const name of read) {
    const { words = [] } = trainingTable[name].kind as { readonly words?: readonly string[] };
    const path = found[name];
    if (typeof path !== "string" || isAbsolute(path) || words.includes(path)) continue;
    const place = resolve(join(folder, workingFolder, path));
    if (place !== resolve(path) && existsSync(place)) found[name] = relative(process.cwd(), place);
  }
  return found;
}
