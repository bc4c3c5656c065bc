/** Data sets in safetensors files, which PyTorch's and other frameworks' tensors are kept in. */
import { readHeader } from "../formats/safetensors-header.ts";
import { fromBfloat16, fromFloat16 } from "../formats/small-floats.ts";
import { badFile } from "./bad-file.ts";
import type { DataSplit } from "./dataset.ts";
import { narrowIntegers } from "./narrow-integers.ts";
import { readBytes } from "./read-bytes.ts";
import { choosePair, type PairOptions, pairTensors, type Tensor } from "./tensor-pairs.ts";
import type { FlatNumbers } from "./to-column.ts";

/** Of every type that the format has. Source: Hugging Face, "safetensors", `Dtype`. */
const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  F4: 1 / 2,
  F6_E2M3: 3 / 4,
  F6_E3M2: 3 / 4,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  F8_E5M2FNUZ: 1,
  F8_E4M3FNUZ: 1,
  C64: 8,
} as const;

const views: Readonly<Record<string, (buffer: ArrayBuffer) => FlatNumbers | BigInt64Array | BigUint64Array>> =
  {
    // Integers, not bytes: bytes of images are scaled.
    BOOL: (buffer) => new Int8Array(buffer),
    U8: (buffer) => new Uint8Array(buffer),
    I8: (buffer) => new Int8Array(buffer),
    U16: (buffer) => new Uint16Array(buffer),
    I16: (buffer) => new Int16Array(buffer),
    F16: (buffer) => fromFloat16(new Uint16Array(buffer)),
    BF16: (buffer) => fromBfloat16(new Uint16Array(buffer)),
    U32: (buffer) => new Uint32Array(buffer),
    I32: (buffer) => new Int32Array(buffer),
    F32: (buffer) => new Float32Array(buffer),
    U64: (buffer) => new BigUint64Array(buffer),
    I64: (buffer) => new BigInt64Array(buffer),
    F64: (buffer) => new Float64Array(buffer),
  };

/**
 * Reads features and labels by the names of the tensors, as out of a `.npz` archive. Tensors of other names are not read.
 *
 * @throws {YfError} `BAD_DATA`.
 */
export function readSafetensorsFile(file: string, options: PairOptions): DataSplit {
  const refuse = (rule: string, received?: unknown) => badFile(file, rule, received);
  const bytes = readBytes(file);
  const { dataStart, tensors } = readHeader(bytes, elementBytes, refuse);
  const readers = tensors.map(({ begin, dtype, end, name, shape }): [string, () => Tensor] => [
    name,
    () => {
      if (!Object.hasOwn(views, dtype)) {
        throw refuse(`${name} must be of a type ${Object.keys(views).join(", ")}`, dtype);
      }
      // A copy of its own begins at a multiple of every element's size.
      const own = Uint8Array.from(bytes.subarray(dataStart + begin, dataStart + end));
      const values = views[dtype](own.buffer);
      const isLong = values instanceof BigInt64Array || values instanceof BigUint64Array;
      const refuseIn = (rule: string, received?: unknown) => refuse(`${rule}, in ${name}`, received);
      return { type: dtype, shape, values: isLong ? narrowIntegers(values, shape, refuseIn) : values };
    },
  ]);
  const byName = new Map(readers);
  return pairTensors(byName, choosePair(byName, options, refuse), options, refuse);
}
