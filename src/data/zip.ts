/**
 * Reads zip archives, as NumPy's `.npz` files are: the directory at the end, then the files in it that are asked for.
 *
 * Owns stored and deflated files up to 2³¹ bytes, also in archives of the form zip64; nothing is unpacked beyond the size
 * that the directory states, and the checksum of what was unpacked must be right.
 * Source: PKWARE, "APPNOTE.TXT: .ZIP File Format Specification", 4.3.6 to 4.3.16 and 4.5.3.
 */
import { crc32, inflateRawSync } from "node:zlib";

/** Makes the error from the rule that the bytes break, what they hold instead, and the byte where they do. */
type Refuse = (rule: string, received?: unknown, offset?: number) => Error;

const signatures = {
  local: 0x04034b50,
  directory: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const;
const endBytes = 22;
const end64Bytes = 56;
const locator64Bytes = 20;
const directoryBytes = 46;
const localBytes = 30;
/** A comment at the end may be this long. */
const maxComment = 65_535;
const maxUnpackedBytes = 2 ** 31;

const [stored, deflated] = [0, 8];
/** Of the flags of a file: it is encrypted. */
const encrypted = 1;
/** Of the extra fields: sizes and place in 64 bits. */
const extra64 = 1;
/** In a field of 32 bits: look there. */
const elsewhere = 0xffff_ffff;

/** A file in an archive, as the directory describes it. */
interface Entry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly local: number;
}

/** @returns For every file of an archive, by its name, what unpacks it. */
export function readZip(bytes: Uint8Array, refuse: Refuse): Map<string, () => Uint8Array> {
  const entries = readDirectory(bytes, refuse);
  return new Map(entries.map((entry) => [entry.name, () => unpackEntry(bytes, entry, refuse)]));
}

function readDirectory(bytes: Uint8Array, refuse: Refuse): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === null) throw refuse("a zip archive must have a directory at its end", undefined, bytes.length);
  const end64 = findEnd64(view, end);
  let at = end64 === null ? view.getUint32(end + 16, true) : number64(view, end64 + 48);
  let left = end64 === null ? view.getUint16(end + 10, true) : number64(view, end64 + 32);
  const entries: Entry[] = [];
  for (; left > 0; left--) {
    if (!has(view, at, directoryBytes, signatures.directory)) {
      throw refuse("its directory must describe every file", undefined, at);
    }
    const [nameBytes, extraBytes, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const nameStart = at + directoryBytes;
    const name = Buffer.from(bytes.subarray(nameStart, nameStart + nameBytes)).toString("utf8");
    const long = longFields(view, nameStart + nameBytes, extraBytes);
    // In this order each of them is in the extra field if, and only if, it is not here.
    const [size, packed, local] = [24, 20, 42].map((field) => {
      const short = view.getUint32(at + field, true);
      return short === elsewhere ? (long.shift() ?? short) : short;
    });
    entries.push({
      name,
      isEncrypted: (view.getUint16(at + 8, true) & encrypted) !== 0,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packed,
      size,
      local,
    });
    at += directoryBytes + nameBytes + extraBytes + comment;
  }
  return entries;
}

function has(view: DataView, at: number, length: number, signature: number): boolean {
  return at >= 0 && at + length <= view.byteLength && view.getUint32(at, true) === signature;
}

/** Rounded beyond 2⁵³, which is beyond every file even so. */
function number64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function findEnd(view: DataView): number | null {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - maxComment); at--) {
    if (has(view, at, endBytes, signatures.end)) return at;
  }
  return null;
}

/** The end of the directory of an archive in the form zip64; null in others. */
function findEnd64(view: DataView, end: number): number | null {
  const locator = end - locator64Bytes;
  if (!has(view, locator, locator64Bytes, signatures.locator64)) return null;
  const at = number64(view, locator + 8);
  return has(view, at, end64Bytes, signatures.end64) ? at : null;
}

/** The numbers of 64 bits among the extra fields of a file. */
function longFields(view: DataView, from: number, length: number): number[] {
  const end = Math.min(from + length, view.byteLength);
  for (let at = from; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== extra64) continue;
    const count = Math.floor(Math.min(view.getUint16(at + 2, true), end - at - 4) / 8);
    return Array.from({ length: count }, (_, i) => number64(view, at + 4 + 8 * i));
  }
  return [];
}

function unpackEntry(bytes: Uint8Array, entry: Entry, refuse: Refuse): Uint8Array {
  const { checksum, isEncrypted, local, method, name, packed, size } = entry;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size > maxUnpackedBytes) {
    throw refuse(`the file ${name} must unpack to at most ${maxUnpackedBytes} bytes`, size, local);
  }
  if (!has(view, local, localBytes, signatures.local)) {
    throw refuse(`the file ${name} must be there`, undefined, local);
  }
  if (isEncrypted) throw refuse(`the file ${name} must not be encrypted`, "an encrypted one", local);
  const begin = local + localBytes + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (begin + packed > bytes.length) {
    const rule = `the file ${name} of ${packed} bytes must end within the archive's ${bytes.length}`;
    throw refuse(rule, begin + packed, begin);
  }
  const content = unpack(bytes.subarray(begin, begin + packed), method, size);
  if (content?.length === size && crc32(content) === checksum) return content;
  const rule = `the file ${name} must be stored or deflated, ${size} bytes with the right checksum`;
  throw refuse(rule, content === null ? `method ${method}` : "other bytes", begin);
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
