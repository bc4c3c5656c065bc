/**
 * Tables in text: CSV and its relatives, with or without a header, numbers and words.
 *
 * A file is parsed twice, so that no table of texts is ever in memory: once for the types of its columns, once for their
 * values. Columns of numbers become one feature each; columns of words one feature per word, 1 where the row has it.
 */
import { badFile } from "./bad-file.ts";
import { forEachRow } from "./csv-rows.ts";
import {
  type CsvColumn,
  type CsvForm,
  type CsvSchema,
  fieldsOf,
  finiteNumber,
  readCsvSchema,
} from "./csv-schema.ts";
import type { Column, DataSplit, Dataset } from "./dataset.ts";
import { isCertainGap, isGap } from "./gaps.ts";

export interface CsvOptions extends CsvForm {
  /** A table with the same columns to test with. */
  readonly testFile: string | null;
}

const maxDenseBytes = 2 ** 31;

/**
 * Reads a table, and perhaps one to test with.
 *
 * What is a header and what a column of words, `csv-schema.ts` says. Features are `[width]` float32, NaN where a number is
 * missing and `missing` is `mean`. Labels are int32 class indices, or `[1]` float32.
 *
 * @throws {YfError} `BAD_DATA` with the line (from 1) where rows differ in length, a value is missing or not finite, or
 *   something in the table to test with is not in the one to train on.
 */
export async function readCsv(
  file: string,
  { testFile, ...form }: CsvOptions,
): Promise<DataSplit & { classes: number }> {
  const schema = await readCsvSchema(file, form);
  const notes = [...schema.notes];
  const train = await readRows(file, schema.rows, schema, notes);
  const test = testFile === null ? null : await readTest(testFile, file, schema, notes);
  return { train, test, notes, warnings: schema.warnings, classes: schema.classNames?.length ?? 1 };
}

async function readTest(
  testFile: string,
  file: string,
  schema: CsvSchema,
  notes: string[],
): Promise<Dataset> {
  let header: string | null = null;
  const rows = await forEachRow(testFile, schema.separator, (fields) => {
    header ??= fields.join(", ");
  });
  if (schema.hasHeader && header !== schema.headerText) {
    throw badFile(testFile, `must have the header of ${file}, ${cut(schema.headerText)}`, header, {
      line: 1,
    });
  }
  return readRows(testFile, rows - (schema.hasHeader ? 1 : 0), schema, notes);
}

const cut = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text);

async function readRows(file: string, rows: number, schema: CsvSchema, notes: string[]): Promise<Dataset> {
  const { classes, classNames, columns, hasHeader, label, missing, separator, width } = schema;
  if (rows < 1) throw badFile(file, "must have at least one row of data", rows);
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
  let dropped = 0;
  let filled = 0;
  const isUnfit = (text: string, { at, words }: CsvColumn, i: number) => {
    if (i === label) return classes === null ? isGap(text) : !classes.has(text) && isGap(text);
    return at !== null && (words === null ? isGap(text) : isCertainGap(text));
  };
  await forEachRow(file, separator, (fields, line) => {
    if (row < 0) {
      row++;
      return;
    }
    if (fields.length !== columns.length) {
      throw badFile(file, `line ${line} must have ${columns.length} fields`, fields.length, { line });
    }
    if (missing === "drop" && columns.some((column, i) => isUnfit(fields[i], column, i))) {
      dropped++;
      return;
    }
    const refuse = (rule: string, i: number) =>
      badFile(file, `line ${line} must have ${rule} in ${columns[i].name}`, fields[i], { line });
    for (const [i, column] of columns.entries()) {
      const { at, isPercent, words } = column;
      if (i === label || at === null) continue;
      const text = fields[i];
      if (words !== null) {
        const word = words.get(text);
        if (word === undefined) throw refuse("a word of the data to train on", i);
        features[row * width + at + word] = 1;
      } else if (missing === "mean" && isGap(text)) {
        features[row * width + at] = Number.NaN;
        filled++;
      } else {
        const value = finiteNumber(text, schema);
        if (value === null) throw refuse("a finite number", i);
        features[row * width + at] = isPercent ? value / 100 : value;
      }
    }
    labels[row] = labelOf(fields[label], schema) ?? fail(refuse(labelRule(schema), label));
    row++;
  });
  if (row === 0) throw badFile(file, "a row without missing values must be there", `${dropped} with some`);
  if (dropped > 0) notes.push(`${dropped} of ${rows} rows of ${file} are left out, as a value is missing.`);
  if (filled > 0) notes.push(`${filled} missing numbers of ${file} are the mean of their column.`);
  const plain = { scale: 1, offset: 0 } as const;
  const target: Column =
    classNames === null
      ? { ...plain, data: labels.subarray(0, row), shape: [1], dtype: "float32" }
      : {
          ...plain,
          data: labels.subarray(0, row),
          shape: [],
          dtype: "int32",
          classes: classNames.length,
          classNames,
        };
  return {
    features: [
      {
        ...plain,
        data: features.subarray(0, row * width),
        shape: [width],
        dtype: "float32",
        fields: fieldsOf(schema),
      },
    ],
    labels: [{ ...target, fields: [{ name: columns[label].name, words: null }] }],
    length: row,
  };
}

function labelOf(text: string, schema: CsvSchema): number | null {
  const { classes, columns, label } = schema;
  if (classes !== null) {
    // A number that is written otherwise than in the data to train on: 1.0 for 1.
    return classes.get(text) ?? classes.get(`${finiteNumber(text, schema)}`) ?? null;
  }
  const value = finiteNumber(text, schema);
  return value !== null && columns[label].isPercent ? value / 100 : value;
}

const labelRule = ({ classes }: CsvSchema) =>
  classes === null ? "a finite number" : "a class of the data to train on";

function fail(error: Error): never {
  throw error;
}
