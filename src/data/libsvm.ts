/**
 * Reads LIBSVM's text format: a line `LABEL INDEX:VALUE INDEX:VALUE ...` for each example, with the features that are
 * not 0 by index, counted from 1, in increasing order.
 *
 * Owns the format and its way into dense shared memory; which labels and how many features a data set has, its own
 * file says (`a6a.ts`). Files that end in `.gz` are decompressed.
 * Source: C.-C. Chang, C.-J. Lin, "LIBSVM: a library for support vector machines", README, section "svm-train".
 */
import { cannot, YfError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { readBytes } from "./read-bytes.ts";

/** What a file of examples must agree with. */
export interface LibsvmForm {
  /** Number of features: indices are 1 … width. */
  readonly width: number;
  /** The label of each class, in the order of class indices; null where labels are numbers. */
  readonly labels: readonly number[] | null;
}

/** Dense examples may take this much shared memory; sparse files can ask for any amount. */
const maxDenseBytes = 2 ** 31;
/** Far above the line of an example with a million features; ends the reading of files that have no lines. */
const maxLineBytes = 2 ** 25;

const newline = 0x0a;
const surroundingSpace = /^[ \t]+|[ \t\r]+$/g;
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const positiveInteger = /^[1-9]\d{0,8}$/;

/**
 * Reads a whole file. Features are `[width]` float32, 0 where a line does not name them; labels are int32 class indices.
 *
 * @throws {YfError} `BAD_DATA` if the file cannot be read, has no examples, or is too large when dense; with the line's
 *   number (from 1) if a line breaks the format, a label or an index is none of the form's, or a value is not finite in
 *   float32.
 */
export function readLibsvm(file: string, { labels, width }: LibsvmForm): Dataset {
  const bytes = readBytes(file);
  const length = countLines(bytes);
  if (length === 0) throw bad(file, "must hold at least one example");
  if (4 * length * width > maxDenseBytes) {
    const rule = `its examples, all features written out, must fit in ${maxDenseBytes} bytes`;
    throw bad(file, rule, `${length} examples of ${width} features`);
  }

  const features = new Float32Array(new SharedArrayBuffer(4 * length * width));
  const shared = new SharedArrayBuffer(4 * length);
  const targets = labels === null ? new Float32Array(shared) : new Int32Array(shared);
  let begin = 0;
  for (let row = 0; row < length; row++) {
    const refuse = (rule: string, received?: string) =>
      bad(file, `line ${row + 1} ${rule}`, received, row + 1);
    const found = bytes.indexOf(newline, begin);
    const end = found < 0 ? bytes.length : found;
    if (end - begin > maxLineBytes) {
      throw refuse(`must be at most ${maxLineBytes} bytes long`, `${end - begin} bytes`);
    }
    // latin1 gives every byte one character, so that what is no ASCII is refused below as it was found.
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString("latin1");
    const [label = "", ...pairs] = line.replace(surroundingSpace, "").split(/[ \t]+/);
    targets[row] = readLabel(label, labels, refuse);
    readPairs(pairs, features.subarray(row * width, (row + 1) * width), refuse);
    begin = end + 1;
  }
  return {
    features: [{ data: features, shape: [width], dtype: "float32", scale: 1, offset: 0 }],
    labels: [
      {
        data: targets,
        shape: labels === null ? [1] : [],
        dtype: labels === null ? "float32" : "int32",
        scale: 1,
        offset: 0,
      },
    ],
    length,
  };
}

/** Different labels up to which they are classes. */
const maxClasses = 65_536;

/**
 * The form that a file of its own has: its largest index, and its labels in their order as classes.
 *
 * @param isClass Whether labels are classes, or numbers.
 * @throws {YfError} `BAD_DATA` with the line where a label is no number or there are too many different ones.
 */
export function libsvmFormOf(file: string, isClass: boolean): LibsvmForm {
  let width = 1;
  const labels = new Set<number>();
  const text = Buffer.from(readBytes(file)).toString("latin1");
  let line = 1;
  for (const [, breaks, row] of text.matchAll(/(\n*)([^\n]+)/g)) {
    line += breaks.length;
    const [label] = row.trimStart().split(/[ \t\r]/, 1);
    if (!number.test(label)) throw bad(file, `line ${line} must begin with a label, a number`, label, line);
    labels.add(Number(label));
    if (isClass && labels.size > maxClasses) {
      throw bad(file, `its labels must be at most ${maxClasses} classes`, undefined, line);
    }
    // Indices increase, so that the last one is the largest; whether they do is checked by whoever reads the row.
    const last = row.lastIndexOf(":");
    const index = row.slice(Math.max(row.lastIndexOf(" ", last), row.lastIndexOf("\t", last)) + 1, last);
    if (positiveInteger.test(index)) width = Math.max(width, Number(index));
  }
  return { width, labels: isClass ? [...labels].sort((a, b) => a - b) : null };
}

type Refuse = (rule: string, received?: string) => YfError;

function readLabel(text: string, labels: LibsvmForm["labels"], refuse: Refuse): number {
  if (labels === null) {
    if (number.test(text) && Number.isFinite(Math.fround(Number(text)))) return Number(text);
    throw refuse("must begin with a label, a number", text);
  }
  const index = number.test(text) ? labels.indexOf(Number(text)) : -1;
  if (index < 0) throw refuse(`must begin with a label, one of ${labels.join(", ")}`, text);
  return index;
}

/** Writes the features that a line names into its row of zeros. */
function readPairs(pairs: readonly string[], row: Float32Array, refuse: Refuse): void {
  let last = 0;
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    const [index, value] = [pair.slice(0, Math.max(colon, 0)), pair.slice(colon + 1)];
    if (!positiveInteger.test(index) || !number.test(value)) {
      throw refuse("must hold features as INDEX:VALUE after the label", pair);
    }
    const at = Number(index);
    if (at > row.length) throw refuse(`must hold indices in [1, ${row.length}]`, pair);
    if (at <= last) throw refuse(`must hold indices in increasing order, above ${last} here`, pair);
    row[at - 1] = Number(value);
    if (!Number.isFinite(row[at - 1])) throw refuse("must hold values that are finite in float32", pair);
    last = at;
  }
}

/** Lines that end in a newline, and what follows the last one. */
function countLines(bytes: Uint8Array): number {
  let lines = 0;
  let begin = 0;
  while (begin < bytes.length) {
    const end = bytes.indexOf(newline, begin);
    lines++;
    begin = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}

function bad(file: string, rule: string, received?: string, line?: number): YfError {
  return new YfError(
    "BAD_DATA",
    cannot(`read ${file}`, rule, received),
    line === undefined ? { file } : { file, line },
  );
}
