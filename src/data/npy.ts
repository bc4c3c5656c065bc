/**
 * Reads NumPy's `.npy` format: magic, version, a header in Python's notation, and the elements.
 *
 * Owns the format; what arrays mean is in `tensor-pairs.ts`. The element count is checked against the file before
 * anything is allocated. No Python object is ever made.
 * Source: NumPy, `numpy.lib.format`, versions 1.0 to 3.0.
 */
import { fromFloat16 } from "../formats/small-floats.ts";
import { narrowIntegers } from "./narrow-integers.ts";
import type { Tensor } from "./tensor-pairs.ts";
import type { FlatNumbers } from "./to-column.ts";
import { toRowMajor } from "./to-row-major.ts";

/** Makes the error from the rule that the bytes break, what they hold instead, and the byte where they do. */
type Refuse = (rule: string, received?: unknown, offset?: number) => Error;

type Elements = FlatNumbers | BigInt64Array | BigUint64Array;

const magic = "\x93NUMPY";
/** Magic and version. */
const prefixBytes = 8;
/** More axes than NumPy has. */
const maxRank = 64;

/** A type of elements that can be read. */
interface ElementType {
  readonly name: string;
  readonly bytes: number;
  /** Views bytes in the order of this machine. */
  readonly view: (buffer: ArrayBuffer) => Elements;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  // Integers, not bytes: bytes of images are scaled.
  b1: { name: "bool", bytes: 1, view: (buffer) => Int8Array.from(new Uint8Array(buffer), Math.sign) },
  u1: { name: "uint8", bytes: 1, view: (buffer) => new Uint8Array(buffer) },
  i1: { name: "int8", bytes: 1, view: (buffer) => new Int8Array(buffer) },
  u2: { name: "uint16", bytes: 2, view: (buffer) => new Uint16Array(buffer) },
  i2: { name: "int16", bytes: 2, view: (buffer) => new Int16Array(buffer) },
  u4: { name: "uint32", bytes: 4, view: (buffer) => new Uint32Array(buffer) },
  i4: { name: "int32", bytes: 4, view: (buffer) => new Int32Array(buffer) },
  u8: { name: "uint64", bytes: 8, view: (buffer) => new BigUint64Array(buffer) },
  i8: { name: "int64", bytes: 8, view: (buffer) => new BigInt64Array(buffer) },
  f2: { name: "float16", bytes: 2, view: (buffer) => fromFloat16(new Uint16Array(buffer)) },
  f4: { name: "float32", bytes: 4, view: (buffer) => new Float32Array(buffer) },
  f8: { name: "float64", bytes: 8, view: (buffer) => new Float64Array(buffer) },
};

/** What NumPy's other kinds of elements are called. */
const otherKinds: Readonly<Record<string, string>> = {
  c: "complex numbers",
  f: "floats of more than 64 bits",
  m: "time differences",
  M: "dates",
  O: "Python objects",
  S: "strings of bytes",
  U: "strings",
  V: "raw bytes",
};

/** @param bytes A whole file. */
export function readNpy(bytes: Uint8Array, refuse: Refuse): Tensor {
  const { dataStart, header } = readHeader(bytes, refuse);
  const { order, type } = typeIn(header, refuse);
  const shape = shapeIn(header, refuse);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  if (fortran === undefined) throw refuse("its header must say fortran_order", header, prefixBytes);
  const length = shape.reduce((product, count) => product * count, 1);
  const size = type.bytes;
  if (length * size !== bytes.length - dataStart) {
    const rule = `its header, shape [${shape.join(", ")}] of ${size} bytes each, asks for exactly ${dataStart + length * size} bytes`;
    throw refuse(rule, bytes.length, dataStart);
  }
  const read = type.view(inMachineOrder(bytes.subarray(dataStart), size, order));
  const isLong = read instanceof BigInt64Array || read instanceof BigUint64Array;
  const elements = isLong
    ? narrowIntegers(read, shape, (rule, received, i) => refuse(rule, received, dataStart + i * size))
    : read;
  return { type: type.name, shape, values: fortran === "True" ? toRowMajor(elements, shape) : elements };
}

function typeIn(header: string, refuse: Refuse): { order: string; type: ElementType } {
  const [, order = "", code = "", digits = ""] = /'descr'\s*:\s*'([<>|=])(\w)(\d*)/.exec(header) ?? [];
  const type = Object.hasOwn(elementTypes, code + digits) ? elementTypes[code + digits] : undefined;
  if (type !== undefined && order !== "=") return { order, type };
  const descr = /'descr'\s*:\s*(\[.*\]|'[^']*')/.exec(header)?.[1] ?? header;
  const kind = descr.startsWith("[") ? "records" : (otherKinds[code] ?? "another type");
  const known = Object.values(elementTypes).map(({ name }) => name);
  throw refuse(`its elements must be numbers (${known.join(", ")})`, `${kind}, ${descr}`, prefixBytes);
}

function shapeIn(header: string, refuse: Refuse): number[] {
  const text = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(header)?.[1];
  if (text === undefined) throw refuse("its header must have a shape", header, prefixBytes);
  const shape = text
    .split(",")
    .filter((size) => size.trim() !== "")
    // Python 2 wrote long integers with an L.
    .map((size) => Number(size.replace("L", "")));
  if (shape.length > maxRank || !shape.every(Number.isSafeInteger)) {
    throw refuse(`its shape must be at most ${maxRank} integers`, text, prefixBytes);
  }
  return shape;
}

/** A copy, aligned for every type, with the bytes of each element as this machine has them. */
function inMachineOrder(data: Uint8Array, size: number, order: string): ArrayBuffer {
  const copy = new Uint8Array(data.length);
  copy.set(data);
  if (order === ">") {
    const swapped = Buffer.from(copy.buffer);
    if (size === 2) swapped.swap16();
    if (size === 4) swapped.swap32();
    if (size === 8) swapped.swap64();
  }
  return copy.buffer;
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
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + headerStart, headerBytes);
  // Python takes either quote.
  const header = text.toString(major === 3 ? "utf8" : "latin1").replaceAll('"', "'");
  return { dataStart, header };
}
