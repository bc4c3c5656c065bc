/**
 * Tables in text: CSV and TSV with or without a header, numbers and words. The one door to csv-parse.
 *
 * A file is parsed twice, so that no table of texts is ever in memory: once for the types of its columns, once for their
 * values. Columns of numbers become one feature each; columns of words one feature per word, 1 where the row has it.
 */
import { CsvError, parse } from "csv-parse/sync";
import { badFile } from "./bad-file.ts";
import type { DataSplit, Dataset } from "./dataset.ts";
import type { LabelKind } from "./label-kind.ts";
import { readBytes } from "./read-bytes.ts";

export interface CsvOptions {
  /** Name or number (from 1) of the label's column; null for the last. */
  readonly labelColumn: string | null;
  /** `class`: words, and numbers that are all integers, are classes; `value`: the label is a number. */
  readonly labels: LabelKind;
  /** A table with the same columns to test with. */
  readonly testFile: string | null;
}

/** Different words in a column of features; more are names, not kinds. */
const maxWords = 1000;
const maxClasses = 65_536;
const maxDenseBytes = 2 ** 31;
const maxRecordBytes = 2 ** 25;

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const integer = /^[+-]?\d+$/;

interface Column {
  readonly name: string;
  /** Null in a column of numbers. */
  readonly words: ReadonlyMap<string, number> | null;
  /** First feature; null for the label. */
  readonly at: number | null;
}

interface Schema {
  readonly hasHeader: boolean;
  readonly header: string;
  readonly columns: readonly Column[];
  readonly width: number;
  /** Class of each text of a label; null where labels are numbers. */
  readonly classes: ReadonlyMap<string, number> | null;
}

/**
 * Reads a table, and perhaps one to test with.
 *
 * The first row is a header unless every field of it is a number. Features are `[width]` float32. Labels are int32 class
 * indices, in the order of the numbers or the words, or `[1]` float32.
 *
 * @throws {YfError} `BAD_DATA` with the line (from 1) where rows differ in length, a field is empty or not finite, or
 *   something in the table to test with is not in the one to train on.
 */
export function readCsv(
  file: string,
  { labelColumn, labels, testFile }: CsvOptions,
): DataSplit & { classes: number } {
  const schema = readSchema(file, labelColumn, labels);
  const train = readRows(file, schema.rows, schema);
  const test = testFile === null ? null : readTest(testFile, file, schema);
  return { train, test, classes: schema.classes?.size ?? 1 };
}

function readTest(testFile: string, file: string, schema: Schema): Dataset {
  let header: string | null = null;
  const rows = forEachRow(testFile, (fields) => {
    header ??= fields.join(", ");
  });
  if (schema.hasHeader && header !== schema.header) {
    throw badFile(testFile, `it must have the header of ${file}, ${schema.header}`, header ?? "no rows", {
      line: 1,
    });
  }
  return readRows(testFile, rows - (schema.hasHeader ? 1 : 0), schema);
}

/** The types of all columns, and the number of rows below the header. */
function readSchema(file: string, labelColumn: string | null, kind: LabelKind): Schema & { rows: number } {
  let first: string[] = [];
  let seen: { texts: Set<string>; numeric: boolean; integers: boolean }[] = [];
  const note = (fields: readonly string[], label: number) => {
    for (const [i, field] of fields.entries()) {
      const column = seen[i];
      column.numeric &&= number.test(field);
      column.integers &&= integer.test(field);
      const most = i === label ? maxClasses : maxWords;
      if (column.texts.size <= most) column.texts.add(field);
    }
  };
  let label = 0;
  let hasHeader = false;
  const total = forEachRow(file, (fields, line) => {
    if (first.length === 0) {
      first = [...fields];
      hasHeader = !fields.every((field) => number.test(field));
      label = findLabel(file, fields, hasHeader, labelColumn);
      seen = fields.map(() => ({ texts: new Set(), numeric: true, integers: true }));
      if (hasHeader) return;
    }
    const empty = fields.indexOf("");
    if (empty >= 0)
      throw badFile(file, `line ${line} must have no empty field`, columnName(first, hasHeader, empty), {
        line,
      });
    note(fields, label);
  });
  const rows = total - (hasHeader ? 1 : 0);
  if (rows < 1) throw badFile(file, "it must have at least one row of data", rows);
  if (first.length < 2)
    throw badFile(file, "it must have a column of features beside the label's", first.join(", "));

  let width = 0;
  const columns = seen.map(({ numeric, texts }, i): Column => {
    const name = columnName(first, hasHeader, i);
    if (i === label) return { name, words: null, at: null };
    if (!numeric && texts.size > maxWords) {
      throw badFile(
        file,
        `a column of words must have at most ${maxWords} different ones`,
        `more in ${name}`,
      );
    }
    const at = width;
    width += numeric ? 1 : texts.size;
    return { name, words: numeric ? null : indexed([...texts].sort()), at };
  });
  const labelled = seen[label];
  const isClass = kind === "class" && (labelled.integers || !labelled.numeric);
  if (kind === "value" && !labelled.numeric) {
    const word = [...labelled.texts].find((text) => !number.test(text));
    throw badFile(file, `the label ${columns[label].name} must be a number for this loss`, word);
  }
  if (isClass && labelled.texts.size > maxClasses) {
    throw badFile(file, `the label ${columns[label].name} must have at most ${maxClasses} classes`, "more");
  }
  const classes = isClass ? classesOf([...labelled.texts], labelled.integers) : null;
  return { hasHeader, header: first.join(", "), columns, width, classes, rows };
}

/** Integers in their order, which makes classes 0 … C − 1 themselves; words in the order of the alphabet. */
function classesOf(texts: readonly string[], integers: boolean): ReadonlyMap<string, number> {
  if (!integers) return indexed(texts.toSorted());
  const values = [...new Set(texts.map(Number))].sort((a, b) => a - b);
  return new Map(texts.map((text) => [text, values.indexOf(Number(text))]));
}

const indexed = (texts: readonly string[]) => new Map(texts.map((text, i) => [text, i]));

function columnName(first: readonly string[], hasHeader: boolean, index: number): string {
  return hasHeader ? first[index] : `column ${index + 1}`;
}

function findLabel(
  file: string,
  first: readonly string[],
  hasHeader: boolean,
  wanted: string | null,
): number {
  if (wanted === null) return first.length - 1;
  const named = hasHeader ? first.indexOf(wanted) : -1;
  const numbered = /^[1-9]\d*$/.test(wanted) ? Number(wanted) - 1 : -1;
  const found = named >= 0 ? named : numbered;
  if (found >= 0 && found < first.length) return found;
  const columns = hasHeader
    ? `${first.join(", ")}, or a number in [1, ${first.length}]`
    : `a number in [1, ${first.length}]`;
  throw badFile(file, `its label column must be one of ${columns}`, wanted);
}

function readRows(file: string, rows: number, { classes, columns, hasHeader, width }: Schema): Dataset {
  if (rows < 1) throw badFile(file, "it must have at least one row of data", rows);
  if (4 * rows * width > maxDenseBytes) {
    throw badFile(
      file,
      `its features must fit in ${maxDenseBytes} bytes`,
      `${rows} rows of ${width} features`,
    );
  }
  const features = new Float32Array(new SharedArrayBuffer(4 * rows * width));
  const shared = new SharedArrayBuffer(4 * rows);
  const labels = classes === null ? new Float32Array(shared) : new Int32Array(shared);
  let row = hasHeader ? -1 : 0;
  forEachRow(file, (fields, line) => {
    if (row < 0) {
      row++;
      return;
    }
    if (fields.length !== columns.length) {
      throw badFile(file, `line ${line} must have ${columns.length} fields`, fields.length, { line });
    }
    for (const [i, { at, name, words }] of columns.entries()) {
      const field = fields[i];
      const refuse = (rule: string) =>
        badFile(file, `line ${line} must have ${rule} in ${name}`, field, { line });
      if (at === null) {
        const label = classes === null ? readNumber(field) : classes.get(field);
        if (label === null || label === undefined) {
          throw refuse(classes === null ? "a finite number" : "a class of the data to train on");
        }
        labels[row] = label;
      } else if (words === null) {
        const value = readNumber(field);
        if (value === null) throw refuse("a finite number");
        features[row * width + at] = value;
      } else {
        const word = words.get(field);
        if (word === undefined) throw refuse("a word of the data to train on");
        features[row * width + at + word] = 1;
      }
    }
    row++;
  });
  return {
    features: [{ data: features, shape: [width], dtype: "float32", scale: 1, offset: 0 }],
    labels: [
      {
        data: labels,
        shape: classes === null ? [1] : [],
        dtype: classes === null ? "float32" : "int32",
        scale: 1,
        offset: 0,
      },
    ],
    length: rows,
  };
}

/** Null for what is no number, or none that float32 holds. */
function readNumber(field: string): number | null {
  const value = number.test(field) ? Math.fround(Number(field)) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** Calls `visit` with every row and its line. @returns The number of rows. */
function forEachRow(file: string, visit: (fields: readonly string[], line: number) => void): number {
  let rows = 0;
  try {
    parse(readBytes(file), {
      bom: true,
      delimiter: /\.tsv(\.gz)?$/.test(file) ? "\t" : ",",
      skip_empty_lines: true,
      trim: true,
      max_record_size: maxRecordBytes,
      on_record: (fields: string[], { lines }) => {
        rows++;
        visit(fields, lines);
        // Nothing is kept.
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { code, lines, message } = error as CsvError & { lines?: number };
    const place = lines === undefined ? {} : { line: lines };
    const rule = code.includes("INCONSISTENT")
      ? "every row must have as many fields as the first"
      : "it must be a table of fields with commas (tabs in .tsv), quoted where they hold one";
    throw badFile(file, rule, message, place);
  }
  return rows;
}
