/**
 * Reads zip archives, as NumPy's `.npz` files are: the directory at the end, then each file in it.
 *
 * Owns stored and deflated files up to 2³¹ bytes; nothing is unpacked beyond the size that the directory states, and
 * the checksum of what was unpacked must be right.
 * Source: PKWARE, "APPNOTE.TXT: .ZIP File Format Specification", 4.3.6 to 4.3.16.
 */
import { crc32, inflateRawSync } from "node:zlib";

/** Makes the error from the rule that the bytes break, what they hold instead, and the byte where they do. */
type Refuse = (rule: string, received: unknown, offset?: number) => Error;

const signatures = { local: 0x04034b50, directory: 0x02014b50, end: 0x06054b50 } as const;
const endBytes = 22;
const directoryBytes = 46;
const localBytes = 30;
/** A comment at the end may be this long. */
const maxComment = 65_535;
const maxUnpackedBytes = 2 ** 31;

const [stored, deflated] = [0, 8];

/** @returns Every file of an archive by its name, unpacked. */
export function readZip(bytes: Uint8Array, refuse: Refuse): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (at: number, length: number, signature: number) =>
    at >= 0 && at + length <= bytes.length && view.getUint32(at, true) === signature;
  const end = findEnd(bytes.length, (at) => has(at, endBytes, signatures.end));
  if (end === null) throw refuse("a zip archive must have a directory at its end", "none", bytes.length);
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  let unpackedBytes = 0;
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (!has(at, directoryBytes, signatures.directory)) {
      throw refuse("its directory must describe every file", "something else", at);
    }
    const method = view.getUint16(at + 10, true);
    const checksum = view.getUint32(at + 16, true);
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [nameBytes, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = view.getUint32(at + 42, true);
    const name = Buffer.from(bytes.subarray(at + directoryBytes, at + directoryBytes + nameBytes)).toString(
      "utf8",
    );
    unpackedBytes += size;
    if (unpackedBytes > maxUnpackedBytes) {
      throw refuse(`its files must unpack to at most ${maxUnpackedBytes} bytes`, unpackedBytes, at);
    }
    if (!has(local, localBytes, signatures.local))
      throw refuse(`the file ${name} must be there`, "something else", local);
    const begin = local + localBytes + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (begin + packed > bytes.length) {
      throw refuse(
        `the file ${name} of ${packed} bytes must end within the archive's ${bytes.length}`,
        begin + packed,
        begin,
      );
    }
    const content = unpack(bytes.subarray(begin, begin + packed), method, size);
    if (content?.length !== size || crc32(content) !== checksum) {
      const received = content === null ? `method ${method}` : "other bytes";
      throw refuse(
        `the file ${name} must be stored or deflated, ${size} bytes with the right checksum`,
        received,
        begin,
      );
    }
    files.set(name, content);
    at += directoryBytes + nameBytes + extra + comment;
  }
  return files;
}

function findEnd(length: number, isEnd: (at: number) => boolean): number | null {
  for (let at = length - endBytes; at >= Math.max(0, length - endBytes - maxComment); at--)
    if (isEnd(at)) return at;
  return null;
}

/** @returns Null for a method that is not known, or data that are damaged. */
function unpack(data: Uint8Array, method: number, size: number): Uint8Array | null {
  if (method === stored) return data;
  if (method !== deflated) return null;
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
  } catch {
    return null;
  }
}
