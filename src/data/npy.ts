/**
 * Reads NumPy's `.npy` format: magic, version, a header in Python's notation, and the elements.
 *
 * Owns the format; what arrays mean is in `tensor-pairs.ts`. The element count is checked against the file before
 * anything is allocated. The values are little- or big-endian numbers; no Python object is ever made.
 * Source: NumPy, `numpy.lib.format`, versions 1.0 to 3.0.
 */
import type { Tensor } from "./tensor-pairs.ts";

/** Makes the error from the rule that the bytes break, what they hold instead, and the byte where they do. */
type Refuse = (rule: string, received: unknown, offset?: number) => Error;

const magic = "\x93NUMPY";
/** Magic and version. */
const prefixBytes = 8;

/** Bytes of an element and how to read one, by kind and size. */
const elementTypes: Readonly<
  Record<string, [bytes: number, read: (view: DataView, at: number, little: boolean) => number]>
> = {
  b1: [1, (view, at) => view.getUint8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  // Beyond 2⁵³ a number is rounded, and refused with every other number of more than 32 bits.
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** @param bytes A whole file. */
export function readNpy(bytes: Uint8Array, refuse: Refuse): Tensor {
  const { dataStart, header } = readHeader(bytes, refuse);
  const [, order, kind] = /'descr'\s*:\s*'([<>|=])(\w\d+)'/.exec(header) ?? [];
  const type = Object.hasOwn(elementTypes, kind ?? "") ? elementTypes[kind] : undefined;
  if (type === undefined || order === "=") {
    const rule = `its elements must be numbers of a type ${Object.keys(elementTypes).join(", ")}`;
    throw refuse(rule, /'descr'\s*:\s*([^,}]*)/.exec(header)?.[1] ?? header, prefixBytes);
  }
  if (!/'fortran_order'\s*:\s*False/.test(header)) {
    throw refuse("it must be in C order (numpy.ascontiguousarray makes it so)", "Fortran order", prefixBytes);
  }
  const shapeText = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (shapeText === undefined) throw refuse("its header must have a shape", header, prefixBytes);
  const shape = shapeText
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const [size, read] = type;
  const length = shape.reduce((product, count) => product * count, 1);
  if (length * size !== bytes.length - dataStart) {
    const rule = `its header, shape [${shape.join(", ")}] of ${size} bytes each, asks for exactly ${dataStart + length * size} bytes`;
    throw refuse(rule, bytes.length, dataStart);
  }
  // A view: bytes are copied only once, into the column of a data set.
  if (kind === "u1") return { shape, values: bytes.subarray(dataStart) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFloat = kind.startsWith("f");
  const values = isFloat ? new Float64Array(length) : new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const at = dataStart + i * size;
    const value = read(view, at, order !== ">");
    values[i] = value;
    // Integers stay such, so that they may be class indices.
    if (!isFloat && values[i] !== value) {
      throw refuse("every integer must fit in 32 bits", `${value} at flat index ${i}`, at);
    }
  }
  return { shape, values };
}

function readHeader(bytes: Uint8Array, refuse: Refuse): { dataStart: number; header: string } {
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, prefixBytes)).toString(
    "latin1",
  );
  const major = bytes[6];
  if (!begin.startsWith(magic) || !(major >= 1 && major <= 3) || bytes.length < prefixBytes + 4) {
    throw refuse("a npy file begins with 93 NUMPY and a version from 1 to 3", JSON.stringify(begin), 0);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [lengthBytes, headerBytes] =
    major === 1 ? [2, view.getUint16(prefixBytes, true)] : [4, view.getUint32(prefixBytes, true)];
  const headerStart = prefixBytes + lengthBytes;
  const dataStart = headerStart + headerBytes;
  if (dataStart > bytes.length) {
    throw refuse(`its header must end within its ${bytes.length} bytes`, dataStart, prefixBytes);
  }
  const header = Buffer.from(bytes.buffer, bytes.byteOffset + headerStart, headerBytes).toString("latin1");
  return { dataStart, header };
}
