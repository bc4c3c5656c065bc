/** The lines of a text file of any size, one after the other. */
import { badFile } from "./bad-file.ts";
import { textPieces } from "./text-pieces.ts";

/** Far above the line of an example with a million features; ends the reading of files that have no lines. */
const maxLineBytes = 2 ** 25;

const newline = 0x0a;

/**
 * Calls `visit` with every line, without its end, and its number from 1. What follows the last line break is a line if it is
 * not empty.
 *
 * @throws {YfError} `BAD_DATA` if the file is no text, or with the number of a line that is too long. Whatever `visit` throws.
 */
export async function forEachLine(file: string, visit: (text: string, line: number) => void): Promise<void> {
  let line = 1;
  let parts: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer) => {
    parts.push(part);
    bytes += part.length;
    if (bytes <= maxLineBytes) return;
    throw badFile(file, `line ${line} must be at most ${maxLineBytes} bytes long`, `${bytes} bytes`, {
      line,
    });
  };
  const end = () => {
    visit((parts.length === 1 ? parts[0] : Buffer.concat(parts)).toString("utf8"), line++);
    parts = [];
    bytes = 0;
  };
  for await (const piece of textPieces(file)) {
    let begin = 0;
    for (let found = piece.indexOf(newline); found >= 0; found = piece.indexOf(newline, begin)) {
      add(piece.subarray(begin, found));
      end();
      begin = found + 1;
    }
    // A copy, as the rest of the piece need not stay.
    if (begin < piece.length) add(Buffer.from(piece.subarray(begin)));
  }
  if (bytes > 0) end();
}
