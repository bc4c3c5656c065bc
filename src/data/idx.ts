/**
 * Reads idx files, the format of MNIST: a magic number, the size of each dimension, the elements, all big-endian.
 *
 * Owns the format; what the arrays mean is in `mnist.ts`. Files that end in `.gz` are decompressed.
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", file formats.
 */
import { cannot, YfError } from "../errors.ts";
import type { ColumnData } from "./dataset.ts";
import { readBytes } from "./read-bytes.ts";

export interface IdxArray {
  /** Row-major elements, in a SharedArrayBuffer. */
  readonly data: ColumnData;
  /** Size of each dimension, all > 0. */
  readonly shape: readonly number[];
}

interface ElementType {
  readonly bytes: number;
  /** Copies `length` elements, which begin at byte `from`, to shared memory. */
  readonly copy: (file: Uint8Array, from: number, length: number) => ColumnData;
}

/** Element types by the third byte of the magic number; integers become int32, floats float32. */
const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [0x08, { bytes: 1, copy: copyBytes }],
  [0x09, { bytes: 1, copy: decode("int32", (view, at) => view.getInt8(at), 1) }],
  [0x0b, { bytes: 2, copy: decode("int32", (view, at) => view.getInt16(at), 2) }],
  [0x0c, { bytes: 4, copy: decode("int32", (view, at) => view.getInt32(at), 4) }],
  [0x0d, { bytes: 4, copy: decode("float32", (view, at) => view.getFloat32(at), 4) }],
  [0x0e, { bytes: 8, copy: decode("float32", (view, at) => view.getFloat64(at), 8) }],
]);

/**
 * Reads a whole idx file.
 *
 * @throws {YfError} `BAD_DATA` if it cannot be read, is no idx file, has no items, or is shorter or longer than its
 *   header says.
 */
export function readIdx(file: string): IdxArray {
  const bytes = readBytes(file);
  const refuse = (rule: string, received?: unknown): never => {
    throw new YfError("BAD_DATA", cannot(`read ${file}`, rule, received), { file });
  };

  const [zero0, zero1, typeCode, rank] = bytes;
  const type = zero0 === 0 && zero1 === 0 ? elementTypes.get(typeCode) : undefined;
  // NaN for a file of less than four bytes.
  const headerBytes = 4 + 4 * rank;
  if (type === undefined || !(rank > 0 && bytes.length >= headerBytes)) {
    const magic = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    return refuse(
      "an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes",
      magic,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) return refuse("must hold at least one item", `shape [${shape.join(", ")}]`);
  const length = shape.reduce((product, size) => product * size, 1);
  const fileBytes = headerBytes + length * type.bytes;
  if (bytes.length !== fileBytes) {
    const text = `its header, shape [${shape.join(", ")}], asks for exactly ${fileBytes} bytes`;
    return refuse(text, bytes.length);
  }
  return { data: type.copy(bytes, headerBytes, length), shape };
}

function copyBytes(file: Uint8Array, from: number, length: number): Uint8Array {
  const data = new Uint8Array(new SharedArrayBuffer(length));
  data.set(file.subarray(from));
  return data;
}

function decode(
  dtype: "int32" | "float32",
  read: (view: DataView, at: number) => number,
  bytes: number,
): ElementType["copy"] {
  return (file, from, length) => {
    const shared = new SharedArrayBuffer(length * 4);
    const data = dtype === "int32" ? new Int32Array(shared) : new Float32Array(shared);
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    for (let i = 0; i < length; i++) data[i] = read(view, from + i * bytes);
    return data;
  };
}
