/**
 * Tables in text: CSV and TSV with or without a header, numbers and words.
 *
 * A file is parsed twice, so that no table of texts is ever in memory: once for the types of its columns, once for their
 * values. Columns of numbers become one feature each; columns of words one feature per word, 1 where the row has it.
 */
import { badFile } from "./bad-file.ts";
import { forEachRow } from "./csv-rows.ts";
import { type CsvSchema, readCsvSchema, readNumber } from "./csv-schema.ts";
import type { DataSplit, Dataset } from "./dataset.ts";
import type { LabelKind } from "./label-kind.ts";

export interface CsvOptions {
  /** Name or number (from 1) of the label's column; null for the last. */
  readonly labelColumn: string | null;
  /** `class`: words, and numbers that are all integers, are classes; `value`: the label is a number. */
  readonly labels: LabelKind;
  /** A table with the same columns to test with. */
  readonly testFile: string | null;
}

const maxDenseBytes = 2 ** 31;

/**
 * Reads a table, and perhaps one to test with.
 *
 * What is a header and what a column of words, `csv-schema.ts` says. Features are `[width]` float32. Labels are int32 class
 * indices, in the order of the numbers or the words, or `[1]` float32.
 *
 * @throws {YfError} `BAD_DATA` with the line (from 1) where rows differ in length, a field is empty or not finite, or
 *   something in the table to test with is not in the one to train on.
 */
export function readCsv(
  file: string,
  { labelColumn, labels, testFile }: CsvOptions,
): DataSplit & { classes: number } {
  const schema = readCsvSchema(file, labelColumn, labels);
  const train = readRows(file, schema.rows, schema);
  const test = testFile === null ? null : readTest(testFile, file, schema);
  return { train, test, classes: schema.classes?.size ?? 1 };
}

function readTest(testFile: string, file: string, schema: CsvSchema): Dataset {
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

function readRows(file: string, rows: number, { classes, columns, hasHeader, width }: CsvSchema): Dataset {
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
