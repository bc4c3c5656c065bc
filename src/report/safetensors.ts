/**
 * Writes and reads float32 tensors in safetensors files, which Python, Rust and JavaScript frameworks read.
 *
 * A file is a header length (8 bytes, little-endian), a header in JSON, and the tensors' bytes without gaps. Reading
 * trusts nothing: every size is checked against the file before anything is allocated by it.
 * Source: Hugging Face, "safetensors", format description and the checks of its reference reader.
 */
import { readFileSync } from "node:fs";
import { cannot, YfError } from "../errors.ts";
import { readHeader } from "../formats/safetensors-header.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

export interface NamedTensor {
  readonly name: string;
  /** [] for a scalar. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/** Numbers lie little-endian in the file, as in the memory of every processor that Node.js has WebAssembly for. */
const lengthBytes = 8;

/**
 * The bytes of a file with these tensors, in this order.
 *
 * @param metadata Texts for people and programs, such as the model's name.
 * @throws {YfError} `BAD_WEIGHTS` if two tensors have one name, a name is `__metadata__`, or values do not fill a shape.
 */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  const names = new Set(["__metadata__"]);
  let end = 0;
  for (const { name, shape, values } of tensors) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (values.length !== size)
      throw bad(
        "write weights",
        `"${name}" of shape [${shape.join(", ")}] holds ${size} numbers`,
        values.length,
      );
    if (names.has(name)) throw bad("write weights", "every tensor must have a name of its own", name);
    names.add(name);
    entries.push([name, { dtype: "F32", shape, data_offsets: [end, end + values.byteLength] }]);
    end += values.byteLength;
  }
  const json = JSON.stringify(Object.fromEntries(entries));
  const unpadded = new TextEncoder().encode(json);
  // Spaces after the JSON let the tensors begin at a multiple of eight.
  const headerBytes = Math.ceil(unpadded.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerBytes + end).fill(
    0x20,
    lengthBytes,
    lengthBytes + headerBytes,
  );
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(unpadded, lengthBytes);
  let offset = lengthBytes + headerBytes;
  for (const { values } of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return bytes;
}

/**
 * The tensors of a file's bytes, copied out, in the order of their data.
 *
 * @param source What the bytes are called in errors.
 * @throws {YfError} `BAD_WEIGHTS` if the bytes are no safetensors file, or hold anything but float32.
 */
export function decodeSafetensors(bytes: Uint8Array, source = "weights"): NamedTensor[] {
  const { dataStart, tensors } = readHeader(bytes, { F32: 4 }, (rule, received) =>
    bad(`read ${source}`, rule, received),
  );
  return tensors.map(({ begin, end, name, shape }) => {
    const values = new Float32Array((end - begin) / 4);
    // By bytes: a tensor may begin anywhere in memory, a view of float32 only at a multiple of four.
    new Uint8Array(values.buffer).set(bytes.subarray(dataStart + begin, dataStart + end));
    return { name, shape, values };
  });
}

/** Writes a file, whole or not at all. @throws {YfError} `NOT_WRITABLE`, or `BAD_WEIGHTS` as {@link encodeSafetensors}. */
export function writeSafetensors(
  file: string,
  tensors: readonly NamedTensor[],
  metadata?: Readonly<Record<string, string>>,
): void {
  writeFileAtomically(file, encodeSafetensors(tensors, metadata));
}

/** Reads a file. @throws {YfError} `BAD_WEIGHTS`, also when it cannot be opened. */
export function readSafetensors(file: string): NamedTensor[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw bad(
      `read ${file}`,
      "the file must be readable",
      error instanceof Error ? error.message : error,
      error,
    );
  }
  return decodeSafetensors(bytes, file);
}

function bad(action: string, rule: string, received: unknown, cause?: unknown): YfError {
  return new YfError("BAD_WEIGHTS", cannot(action, rule, received), { received }, cause);
}
