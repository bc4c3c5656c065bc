/**
 * The file `order.bin`: in what order a run read and wrote, and with which options, so that it can be replayed.
 *
 * "YFORDER1", the length of the head as uint32, the head as JSON, then the order's integers as little-endian int32,
 * deflated: about two bytes an update.
 */
import { readFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import { cannot, YfError } from "../errors.ts";
import { orderStride, type RecordedOrder } from "../schedule/replay.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

const magic = "YFORDER1";
const headAt = magic.length + 4;
/** Beyond this a head is no head of ours. */
const longestHead = 65_536;
/** Updates that a file may hold. */
const mostUpdates = 50_000_000;
const mostWorkers = 256;

/** A recorded order and the texts of the options, by their names in camel case, that the run had. */
export interface OrderFile {
  readonly options: Readonly<Record<string, string>>;
  readonly order: RecordedOrder;
  /** Where relative paths in the options start, as seen from the file's folder; absent in files of earlier versions. */
  readonly workingFolder?: string;
}

/** @throws {YfError} NOT_WRITABLE. */
export function writeOrder(file: string, { options, order, workingFolder }: OrderFile): void {
  const { entries, ...run } = order;
  const updates = entries.length / orderStride;
  const head = Buffer.from(JSON.stringify({ options, workingFolder, ...run, updates }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  // Differences are small numbers, which deflate well.
  const bytes = Buffer.from(transform(entries, difference).buffer);
  writeFileAtomically(file, Buffer.concat([Buffer.from(magic), length, head, deflateSync(bytes)]));
}

/** @throws {YfError} BAD_ORDER if the file is missing, damaged or something else. */
export function readOrder(file: string): OrderFile {
  const fail = (rule: string, received?: unknown, cause?: unknown) =>
    new YfError("BAD_ORDER", cannot(`replay ${file}`, rule, received), { file }, cause);
  try {
    const bytes = readFileSync(file);
    if (bytes.subarray(0, magic.length).toString("latin1") !== magic) {
      throw fail("must begin as a recorded order does", bytes.subarray(0, magic.length).toString("latin1"));
    }
    const headLength = bytes.readUInt32LE(magic.length);
    if (headLength > Math.min(longestHead, bytes.length - headAt))
      throw fail("its head must be whole", headLength);
    const { options, updates, weights, workers, ...rest } = parseHead(
      bytes.subarray(headAt, headAt + headLength).toString(),
    );
    const byteLength = 4 * orderStride * updates;
    const body = inflateSync(bytes.subarray(headAt + headLength), { maxOutputLength: byteLength + 1 });
    if (body.length !== byteLength) throw fail(`must hold ${byteLength} bytes of order`, body.length);
    const entries = new Int32Array(body.buffer.slice(body.byteOffset, body.byteOffset + byteLength));
    return { ...rest, options, order: { workers, weights, entries: transform(entries, sum) } };
  } catch (error) {
    if (error instanceof YfError) throw error;
    throw fail("must be the recorded order of a run", (error as Error).message, error);
  }
}

interface Head extends Omit<RecordedOrder, "entries">, Pick<OrderFile, "workingFolder"> {
  readonly options: Record<string, string>;
  readonly updates: number;
}

function parseHead(text: string): Head {
  const { options, updates, weights, workers, workingFolder } = JSON.parse(text);
  const inRange = (value: unknown, most: number) => Number.isInteger(value) && Number(value) <= most;
  if (!inRange(updates, mostUpdates) || !inRange(workers, mostWorkers) || updates < 0 || workers < 1) {
    throw new Error("wrong numbers in its head");
  }
  const texts = typeof options === "object" && options !== null ? Object.entries(options) : [];
  if (!texts.every(([, value]) => typeof value === "string")) throw new Error("wrong options in its head");
  if (!Array.isArray(weights) || !weights.every((shape) => typeof shape === "string")) {
    throw new Error("wrong weights in its head");
  }
  return {
    options: Object.fromEntries(texts) as Record<string, string>,
    ...(typeof workingFolder === "string" ? { workingFolder } : {}),
    updates,
    weights,
    workers,
  };
}

const difference = (value: number, update: number, column: number, previous: number) =>
  column === 1 ? update - value : column === 2 ? value - previous : value;

const sum = (value: number, update: number, column: number, previous: number) =>
  column === 1 ? update - value : column === 2 ? value + previous : value;

/** Reads become stalenesses and minibatches differences of neighbours, and back again. */
function transform(entries: Int32Array, change: typeof difference): Int32Array {
  const changed = new Int32Array(entries.length);
  const plain = change === difference ? entries : changed;
  for (let i = 0; i < entries.length; i++) {
    const previous = i < orderStride ? 0 : plain[i - orderStride];
    changed[i] = change(entries[i], Math.floor(i / orderStride), i % orderStride, previous);
  }
  return changed;
}
