/**
 * The text of a file in UTF-8, one piece after the other; from UTF-16 where its byte order mark says so.
 *
 * Refuses bytes that are no text: decoded all the same, different words could become one.
 */
import { isUtf8 } from "node:buffer";
import { badFile } from "./bad-file.ts";
import { filePieces } from "./file-pieces.ts";
import { requireUtf8 } from "./require-utf8.ts";

/**
 * Pieces of text, without a byte order mark, none of which ends within a character.
 *
 * @throws {YfError} `BAD_DATA` with the offset of the first byte that is no part of a text; that cannot be read.
 */
export async function* textPieces(file: string): AsyncGenerator<Buffer> {
  const pieces = filePieces(file);
  const { done, value: first } = await pieces.next();
  if (done) return;
  const wide =
    first[0] === 0xff && first[1] === 0xfe
      ? "utf-16le"
      : first[0] === 0xfe && first[1] === 0xff
        ? "utf-16be"
        : null;
  const all = (async function* () {
    yield first;
    yield* pieces;
  })();
  yield* wide === null ? utf8Pieces(file, all) : decoded(file, all, wide);
}

async function* utf8Pieces(file: string, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const whole = bytes.subarray(0, bytes.length - unfinished(bytes));
    requireText(file, whole, offset);
    const begin = offset === 0 && whole[0] === 0xef && whole[1] === 0xbb && whole[2] === 0xbf ? 3 : 0;
    yield whole.subarray(begin);
    offset += whole.length;
    rest = Buffer.from(bytes.subarray(whole.length));
  }
  if (rest.length > 0) requireText(file, rest, offset);
}

async function* decoded(
  file: string,
  pieces: AsyncIterable<Buffer>,
  encoding: "utf-16le" | "utf-16be",
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let offset = 0;
  const decode = (piece: Buffer | null) => {
    try {
      return Buffer.from(piece === null ? decoder.decode() : decoder.decode(piece, { stream: true }));
    } catch {
      throw badFile(file, `must be text in ${encoding.toUpperCase()}, as its first bytes say`, undefined, {
        offset,
      });
    }
  };
  for await (const piece of pieces) {
    yield decode(piece);
    offset += piece.length;
  }
  yield decode(null);
}

/** A zero byte is valid UTF-8 and stands in no text: it is UTF-16 without its mark, or a damaged file. */
function requireText(file: string, bytes: Buffer, offset: number): void {
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    const rule = "must be text in UTF-8, or in UTF-16 with a byte order mark";
    throw badFile(file, rule, "a zero byte", { offset: offset + zero });
  }
  if (!isUtf8(bytes)) requireUtf8(file, bytes, offset);
}

/** Bytes at the end that begin a character which continues in the next piece. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
