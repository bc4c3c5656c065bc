/** Refuses bytes that are no text in UTF-8: decoded all the same, different words could become one. */
import { isUtf8 } from "node:buffer";
import { badFile } from "./bad-file.ts";

/**
 * @param begin Of the bytes in their file.
 * @throws {YfError} `BAD_DATA` with the offset of the first byte that is no part of a text.
 */
export function requireUtf8(file: string, bytes: Uint8Array, begin = 0): void {
  if (isUtf8(bytes)) return;
  const offset = begin + firstInvalid(bytes);
  throw badFile(file, "must be text in UTF-8", undefined, { offset });
}

/** The length of the longest prefix that is UTF-8; binary search, as every prefix of a text is one but for its last character. */
function firstInvalid(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const valid = (end: number) => {
    try {
      decoder.decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    } finally {
      try {
        decoder.decode();
      } catch {
        // What a stream ends in the middle of is dropped here; a new one begins.
      }
    }
  };
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (valid(middle)) good = middle;
    else bad = middle;
  }
  // The beginning of a character that is not continued is no text either.
  while (!isUtf8(bytes.subarray(0, good))) good--;
  return good;
}
