/** The bytes of a data file, decompressed where its name says so. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { cannot, YfError } from "../errors.ts";

/** No decompressed file may be longer: what a small file can unpack to has to have an end. */
const maxUnpackedBytes = 2 ** 31;

/**
 * Reads a whole file; one that ends in `.gz` is decompressed.
 *
 * @throws {YfError} `BAD_DATA` if it cannot be read or decompressed.
 */
export function readBytes(file: string): Uint8Array {
  try {
    const bytes = readFileSync(file);
    return file.endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: maxUnpackedBytes }) : bytes;
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new YfError(
      "BAD_DATA",
      cannot(`read ${file}`, "the file must be readable", reason),
      { file },
      error,
    );
  }
}

/** The path of a file in a folder, with `.gz` where only the compressed one is there. */
export function plainOrGzipped(folder: string, name: string): string {
  const plain = join(folder, name);
  return !existsSync(plain) && existsSync(`${plain}.gz`) ? `${plain}.gz` : plain;
}
