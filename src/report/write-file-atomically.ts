/** Writes files that are whole or not there: a crash or a full disk never leaves half of one under its name. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { writing } from "./writing.ts";

/**
 * Writes under a temporary name in the same folder, waits for the disk, and renames.
 *
 * @throws {YfError} `NOT_WRITABLE`; the file is then as it was before.
 */
export function writeFileAtomically(file: string, data: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writing(file, () => {
    try {
      writeFileSync(temporary, data, { flush: true });
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    if (process.platform !== "win32") syncFolder(dirname(file));
  });
}

/** Makes the rename itself last; Windows cannot open folders and needs none of it. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
