/** A folder for the files of one test file, gone when its tests are. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** @returns A function that writes a file there and gives its path. */
export function temporaryFolder(name: string): (file: string, content: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), `yf-async-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (file, content) => {
    const path = join(folder, file);
    writeFileSync(path, content);
    return path;
  };
}
