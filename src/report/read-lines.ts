/** Reads a text file of any size line by line: no file is too long for a string, and little of it is in memory. */
import { closeSync, openSync, readSync } from "node:fs";

const chunkBytes = 2 ** 20;
const lineBreak = 10;

/**
 * The whole lines of a file, without their line breaks; a last one that was cut off is left out.
 *
 * @returns Bytes that are good until the next line is asked for. @throws What the file system says.
 */
export function* readLines(file: string): Generator<Buffer, void> {
  const descriptor = openSync(file, "r");
  let buffer = Buffer.allocUnsafe(2 * chunkBytes);
  /** Bytes at the beginning of the buffer that belong to a line whose end was not read yet. */
  let begun = 0;
  try {
    for (;;) {
      if (buffer.length - begun < chunkBytes) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const count = readSync(descriptor, buffer, begun, buffer.length - begun, null);
      if (count === 0) return;
      const filled = begun + count;
      let from = 0;
      let at = buffer.indexOf(lineBreak, begun);
      for (; at >= 0 && at < filled; at = buffer.indexOf(lineBreak, from)) {
        yield buffer.subarray(from, at);
        from = at + 1;
      }
      buffer.copyWithin(0, from, filled);
      begun = filled - from;
    }
  } finally {
    closeSync(descriptor);
  }
}
