/**
 * The file of a checkpoint: named sections of bytes behind a head, each with a checksum of its own.
 *
 *   "YFCKPT", 2 digits of the version · uint32 length of the head · uint32 its CRC-32 · the head as JSON
 *   for each section that the head names, in its order: its bytes · uint32 their CRC-32
 *
 * Integers are little-endian, as is every machine that WebAssembly's memory lies bare on. Knows nothing of what sections
 * mean; the owner's facts in the head are JSON and read as data only.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { cannot, YfError } from "../errors.ts";
import { replaceFile } from "../report/write-file-atomically.ts";

const format = "YFCKPT";
/** Version of the format, two digits: raised by every change that an older reader would misread. */
export const version = "01";
const headAt = format.length + version.length + 8;
/** Beyond this a head is none of ours. */
const longestHead = 16 * 2 ** 20;
/** Bytes written, checked and read in one go. */
const chunkBytes = 16 * 2 ** 20;

/** What a file holds. */
export interface Checkpoint {
  /** What its owner wrote into the head; not checked for meaning. */
  readonly facts: unknown;
  /** Bytes by name, in the order of the file. */
  readonly sections: ReadonlyMap<string, Uint8Array>;
}

/**
 * Writes a checkpoint; under its name there is a whole one or what was there before.
 *
 * @param sections Must stay as they are until the promise is fulfilled. @throws {YfError} `NOT_WRITABLE`.
 */
export async function writeCheckpoint(file: string, { facts, sections }: Checkpoint): Promise<void> {
  const names = Array.from(sections, ([name, { length }]) => ({ name, length }));
  const head = Buffer.from(JSON.stringify({ facts, sections: names }));
  const start = Buffer.alloc(headAt);
  start.write(format + version, "latin1");
  start.writeUInt32LE(head.length, headAt - 8);
  start.writeUInt32LE(crc32(head), headAt - 4);
  await replaceFile(file, async (handle) => {
    await writeWhole(handle, start);
    await writeWhole(handle, head);
    for (const bytes of sections.values()) {
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32LE(await writeChunks(handle, bytes));
      await writeWhole(handle, checksum);
    }
  });
}

/** Writes while it computes. @returns The CRC-32 of `bytes`. */
async function writeChunks(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  let checksum = 0;
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const chunk = bytes.subarray(from, from + chunkBytes);
    const written = writeWhole(handle, chunk);
    checksum = crc32(chunk, checksum);
    await written;
  }
  return checksum;
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; ) from += (await handle.write(bytes, from)).bytesWritten;
}

/** Reads a checkpoint and checks all of it. @throws {YfError} `BAD_CHECKPOINT` that names the section. */
export function readCheckpoint(file: string): Checkpoint {
  const reader = Reader.open(file);
  try {
    const { facts, names } = reader.head();
    return {
      facts,
      sections: new Map(names.map(({ name, length }) => [name, reader.section(name, length)])),
    };
  } finally {
    reader.close();
  }
}

/** Reads the head alone, and checks it. @throws {YfError} `BAD_CHECKPOINT`. */
export function readCheckpointHead(file: string): { facts: unknown; sections: readonly SectionName[] } {
  const reader = Reader.open(file);
  try {
    const { facts, names } = reader.head();
    return { facts, sections: names };
  } finally {
    reader.close();
  }
}

export interface SectionName {
  readonly name: string;
  /** In bytes, without the checksum. */
  readonly length: number;
}

class Reader {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #byteLength: number;
  #at = 0;

  private constructor(file: string, descriptor: number, byteLength: number) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#byteLength = byteLength;
  }

  static open(file: string): Reader {
    try {
      const descriptor = openSync(file, "r");
      return new Reader(file, descriptor, fstatSync(descriptor).size);
    } catch (error) {
      throw badCheckpoint(file, "must be there and readable", (error as Error).message, error);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** The head; what follows it is known to be as long as it says. */
  head(): { facts: unknown; names: SectionName[] } {
    const start = this.#read(headAt, "the head");
    const found = start.toString("latin1", 0, format.length);
    if (found !== format) throw this.#bad("must begin as a checkpoint does", found);
    const foundVersion = start.toString("latin1", format.length, format.length + version.length);
    if (foundVersion !== version) throw this.#bad(`its format must have version ${version}`, foundVersion);
    const length = start.readUInt32LE(headAt - 8);
    if (length > longestHead) throw this.#bad(`its head must have at most ${longestHead} bytes`, length);
    const head = this.#read(length, "the head");
    this.#check(head, start.readUInt32LE(headAt - 4), "the head");
    const { facts, sections } = this.#parse(head.toString());
    if (!Array.isArray(sections) || !sections.every(isSectionName)) {
      throw this.#bad("its head must name its sections", sections);
    }
    const expected = sections.reduce((sum, { length }) => sum + length + 4, this.#at);
    if (expected !== this.#byteLength) throw this.#bad(`must have ${expected} bytes`, this.#byteLength);
    return { facts, names: sections };
  }

  section(name: string, length: number): Uint8Array {
    const bytes = this.#read(length, `section ${name}`);
    this.#check(bytes, this.#read(4, `section ${name}`).readUInt32LE(), `section ${name}`);
    return bytes;
  }

  #read(length: number, what: string): Buffer {
    const left = this.#byteLength - this.#at;
    if (length > left) throw this.#bad(`${what} must be whole`, `${left} of ${length} bytes`);
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let from = 0; from < length; ) {
      const count = readSync(this.#descriptor, bytes, from, Math.min(chunkBytes, length - from), this.#at);
      if (count === 0) throw this.#bad(`${what} must be whole`, `${from} of ${length} bytes`);
      from += count;
      this.#at += count;
    }
    return bytes;
  }

  #check(bytes: Uint8Array, expected: number, what: string): void {
    const found = crc32(bytes);
    if (found !== expected) throw this.#bad(`${what} must have the checksum ${hex(expected)}`, hex(found));
  }

  #parse(text: string): { facts?: unknown; sections?: unknown } {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === "object" && parsed !== null) return parsed;
    } catch {
      // Told below: the text is JSON of something else, or none.
    }
    throw this.#bad("its head must be that of a checkpoint", text.slice(0, 60));
  }

  #bad(rule: string, received?: unknown): YfError {
    return badCheckpoint(this.#file, rule, received);
  }
}

/** The error of a file that cannot be resumed from. */
export function badCheckpoint(file: string, rule: string, received?: unknown, cause?: unknown): YfError {
  return new YfError("BAD_CHECKPOINT", cannot(`use the checkpoint ${file}`, rule, received), { file }, cause);
}

function isSectionName(value: unknown): value is SectionName {
  const { length, name } = (value ?? {}) as Partial<SectionName>;
  return typeof name === "string" && Number.isSafeInteger(length) && Number(length) >= 0;
}

const hex = (checksum: number) => checksum.toString(16).padStart(8, "0");
