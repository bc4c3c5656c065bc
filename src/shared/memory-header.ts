/**
 * The first bytes of a shared memory: what it is, which version of the layout, how long, and its sizes.
 *
 * Written once by the creator, before any other thread sees the memory; read by everyone who attaches. Nothing
 * in it changes, wraps or tears. Layout, little-endian as all machines that run WebAssembly: int32 magic, int32
 * version, float64 byte length, then float64 fields.
 */
import { cannot, YfError } from "../errors.ts";

/** "YFAS" in ASCII, first byte first. */
const magic = 0x53414659;
/** Raised by every change of a layout that would mislead an older reader. */
const version = 1;

/** Bytes set aside for the header. */
export const headerBytes = 256;
const fieldsOffset = 16;

export interface MemoryHeader {
  /** Bytes in use, header included; at most the memory's own length. */
  readonly byteLength: number;
  /** Sizes, in an order that the owner of the layout fixes; at most 30. */
  readonly fields: readonly number[];
}

export function writeHeader(buffer: SharedArrayBuffer, { byteLength, fields }: MemoryHeader): void {
  new Float64Array(buffer, 8, 1)[0] = byteLength;
  new Float64Array(buffer, fieldsOffset, fields.length).set(fields);
  new Int32Array(buffer, 0, 2).set([magic, version]);
}

/** @throws {YfError} BAD_LAYOUT if magic, version or length are not those of {@link writeHeader}. */
export function readHeader(buffer: SharedArrayBuffer, fieldCount: number): MemoryHeader {
  const [foundMagic, foundVersion] = new Int32Array(buffer, 0, 2);
  if (foundMagic !== magic) throw badLayout("must begin with the magic number of a run", foundMagic);
  if (foundVersion !== version) throw badLayout(`its layout must have version ${version}`, foundVersion);
  const byteLength = new Float64Array(buffer, 8, 1)[0];
  if (!(byteLength <= buffer.byteLength)) {
    throw badLayout(`must fit in the ${buffer.byteLength} bytes that are there`, byteLength);
  }
  return { byteLength, fields: Array.from(new Float64Array(buffer, fieldsOffset, fieldCount)) };
}

function badLayout(rule: string, received: number): YfError {
  return new YfError("BAD_LAYOUT", cannot("attach to a shared memory", rule, received), { received });
}
