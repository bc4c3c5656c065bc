/**
 * Tables in text: CSV and its relatives, with or without a header, numbers and words.
 *
 * A file is parsed twice, so that no table of texts is ever in memory: once for the types of its columns, once for their
 * values. Columns of numbers become one feature each; columns of words one feature per word, 1 where the row has it.
 */
import { badFile } from "./bad-file.ts";
import { readCsvExamples } from "./csv-examples.ts";
import { describeTable } from "./csv-reading.ts";
import { forEachRow } from "./csv-rows.ts";
import { type CsvForm, type CsvSchema, readCsvSchema } from "./csv-schema.ts";
import type { DataSplit, Dataset } from "./dataset.ts";

export interface CsvOptions extends CsvForm {
  /** A table with the same columns to test with. */
  readonly testFile: string | null;
}

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
  const train = await readCsvExamples(file, { schema, rows: schema.rows, notes });
  const test = testFile === null ? null : await readTest(testFile, file, schema, notes);
  const { classNames, warnings } = schema;
  return {
    train,
    test,
    notes,
    warnings,
    reading: describeTable(schema),
    classes: classNames?.length ?? schema.labels.length,
  };
}

async function readTest(
  testFile: string,
  file: string,
  schema: CsvSchema,
  notes: string[],
): Promise<Dataset> {
  let header: string | null = null;
  const { rows } = await forEachRow(testFile, schema.separator, (fields) => {
    header ??= fields.join(", ");
  });
  if (schema.hasHeader && header !== schema.headerText) {
    throw badFile(testFile, `must have the header of ${file}, ${cut(schema.headerText)}`, header, {
      line: 1,
    });
  }
  return readCsvExamples(testFile, { schema, rows: rows - (schema.hasHeader ? 1 : 0), notes });
}

const cut = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text);
