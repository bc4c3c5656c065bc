/** The bytes of a file one piece after the other, so that files of any size can be read. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { badFile } from "./bad-file.ts";

const pieceBytes = 2 ** 18;

/** Pieces of a file, decompressed where its name ends in `.gz`. @throws {YfError} `BAD_DATA` if it cannot be read. */
export async function* filePieces(file: string): AsyncGenerator<Buffer> {
  const stored = createReadStream(file, { highWaterMark: pieceBytes });
  // Errors of either stream end the one that is read.
  const pieces = file.endsWith(".gz")
    ? pipeline(stored, createGunzip({ chunkSize: pieceBytes }), () => undefined)
    : stored;
  try {
    for await (const piece of pieces) yield piece as Buffer;
  } catch (error) {
    throw badFile(file, "the file must be readable", error instanceof Error ? error.message : error);
  }
}
