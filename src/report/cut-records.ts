/** Takes from the end of `metrics.jsonl` what a resumed run will tell once more. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { writing } from "./writing.ts";

const chunkBytes = 2 ** 20;
const lineBreak = 10;
/** A record tells its updates in the first bytes of its line. */
const headBytes = 200;
const headPattern = /^\{(?:"event":"[\w-]+",)?"seconds":[^,"]*,"updates":(\d+)[,}]/;

/**
 * Cuts the file behind its last record of at most so many updates; a line that was cut off goes as well.
 *
 * Reads from the end on, and no more than goes: the file may be larger than memory. @throws {YfError} `NOT_WRITABLE`.
 */
export function cutRecordsAfter(file: string, updates: number): void {
  writing(file, () => {
    const descriptor = openSync(file, "r+");
    try {
      ftruncateSync(descriptor, endOfRecords(descriptor, updates));
    } finally {
      closeSync(descriptor);
    }
  });
}

/** @returns The offset behind the last record that stays. */
function endOfRecords(descriptor: number, updates: number): number {
  /** Of the bytes that were read, and not of a whole line yet. */
  let rest = Buffer.alloc(0);
  let start = fstatSync(descriptor).size;
  /** Whether the end of `rest` is that of a line. */
  let whole = false;
  while (start > 0) {
    const length = Math.min(chunkBytes, start);
    start -= length;
    const bytes = Buffer.concat([readAt(descriptor, start, length), rest]);
    let end = bytes.length;
    for (
      let at = bytes.lastIndexOf(lineBreak);
      at >= 0;
      at = end === 0 ? -1 : bytes.lastIndexOf(lineBreak, end - 1)
    ) {
      if (whole && staysAt(bytes.subarray(at + 1, end), updates)) return start + end + 1;
      whole = true;
      end = at;
    }
    rest = bytes.subarray(0, end);
  }
  return whole && staysAt(rest, updates) ? rest.length + 1 : 0;
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let from = 0; from < length; ) {
    const count = readSync(descriptor, bytes, from, length - from, position + from);
    if (count === 0) return bytes.subarray(0, from);
    from += count;
  }
  return bytes;
}

/** Whether a line tells of so many updates at most. What is no record goes with what is around it. */
function staysAt(line: Buffer, updates: number): boolean {
  const [, found] = headPattern.exec(line.toString("latin1", 0, headBytes)) ?? [];
  if (found !== undefined) return Number(found) <= updates;
  try {
    const record = JSON.parse(line.toString()) as { readonly updates?: unknown } | null;
    return typeof record?.updates === "number" && record.updates <= updates;
  } catch {
    return false;
  }
}
