/** Writes files that are whole or not there: a crash or a full disk never leaves half of one under its name. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { notWritable, writing } from "./writing.ts";

/**
 * Writes under a temporary name in the same folder, waits for the disk, and renames.
 *
 * @throws {YfError} `NOT_WRITABLE`; the file is then as it was before.
 */
export function writeFileAtomically(file: string, data: string | Uint8Array): void {
  const temporary = temporaryName(file);
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

/**
 * The same for a file too large to hold up the thread: others work while the disk does.
 *
 * @param write Writes all of it. @throws {YfError} `NOT_WRITABLE`; the file is then as it was before.
 */
export async function replaceFile(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, "w");
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    if (process.platform !== "win32") syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw notWritable(file, error);
  }
}

/** Another process that writes the same file has another name. */
const temporaryName = (file: string) => `${file}.${process.pid}.tmp`;

/** Makes the rename itself last; Windows cannot open folders and needs none of it. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
