/** The rows of a table as examples, by a schema that is known: that of the table itself, or of the one to train on. */
import { badFile } from "./bad-file.ts";
import { isPlainNumber, readNumber } from "./csv-numbers.ts";
import { forEachRow } from "./csv-rows.ts";
import { type CsvColumn, type CsvSchema, fieldsOf, finiteNumber } from "./csv-schema.ts";
import type { Column, Dataset } from "./dataset.ts";
import { isCertainGap, isGap } from "./gaps.ts";

/** The part of a schema that its rows are read by. */
export type CsvRules = Pick<
  CsvSchema,
  | "classes"
  | "classNames"
  | "columns"
  | "decimalSign"
  | "hasHeader"
  | "labels"
  | "missing"
  | "separator"
  | "width"
>;

export interface CsvTable {
  readonly schema: CsvRules;
  /** Below the header. */
  readonly rows: number;
  /** Hears what was left out or replaced. */
  readonly notes: string[];
  /** Where each column of the schema is in the file, -1 for nowhere; by default in the schema's order. */
  readonly places?: readonly number[];
  /** Number of fields of each row; by default as many as the schema has columns. */
  readonly fieldCount?: number;
  /** Whether labels are read; default true. */
  readonly hasLabels?: boolean;
}

const maxDenseBytes = 2 ** 31;

/**
 * Features `[width]` float32, NaN where a number is missing and `missing` is `mean`; labels as `readCsv()` has them, none
 * without `hasLabels`.
 *
 * @throws {YfError} `BAD_DATA` with the line and the column where a cell is not what the schema says.
 */
export async function readCsvExamples(
  file: string,
  { fieldCount, hasLabels = true, notes, places, rows, schema }: CsvTable,
): Promise<Dataset> {
  const { classes, classNames, columns, hasHeader, missing, separator, width } = schema;
  const placeOf = places ?? columns.map((_, i) => i);
  const count = fieldCount ?? columns.length;
  if (rows < 1) throw badFile(file, "must have at least one row of data", rows);
  if (4 * rows * width > maxDenseBytes) {
    throw badFile(
      file,
      `its features must fit in ${maxDenseBytes} bytes`,
      `${rows} rows of ${width} features`,
    );
  }
  const features = new Float32Array(new SharedArrayBuffer(4 * rows * width));
  const targets = schema.labels.length;
  const shared = new SharedArrayBuffer(hasLabels ? 4 * rows * targets : 0);
  const labels = classes === null ? new Float32Array(shared) : new Int32Array(shared);
  let row = hasHeader ? -1 : 0;
  let dropped = 0;
  let filled = 0;
  const isUnfit = (text: string, { at, words }: CsvColumn, i: number) => {
    if (schema.labels.includes(i))
      return hasLabels && (classes === null ? isGap(text) : !classes.has(text) && isGap(text));
    return at !== null && (words === null ? isGap(text) : isCertainGap(text));
  };
  await forEachRow(file, separator, (fields, line) => {
    if (row < 0) {
      row++;
      return;
    }
    if (fields.length !== count) {
      throw badFile(file, `line ${line} must have ${count} fields`, fields.length, { line });
    }
    if (missing === "drop" && columns.some((column, i) => isUnfit(fields[placeOf[i]] ?? "", column, i))) {
      dropped++;
      return;
    }
    const refuse = (rule: string, i: number) =>
      badFile(file, `line ${line} must have ${rule} in ${columns[i].name}`, fields[placeOf[i]], { line });
    for (const [i, column] of columns.entries()) {
      const { at, words } = column;
      if (at === null) continue;
      const text = fields[placeOf[i]];
      if (words !== null) {
        const word = words.get(text);
        if (word === undefined) throw refuse("a word of the data to train on", i);
        features[row * width + at + word] = 1;
      } else if (missing === "mean" && isGap(text)) {
        features[row * width + at] = Number.NaN;
        filled++;
      } else {
        const value = numberIn(text, column, schema);
        if (value === null) throw refuse(numberRule(column), i);
        features[row * width + at] = value;
      }
    }
    for (const [place, i] of hasLabels ? schema.labels.entries() : []) {
      const value = labelOf(fields[placeOf[i]], columns[i], schema);
      if (value === null) throw refuse(labelRule(columns[i], schema), i);
      labels[row * targets + place] = value;
    }
    row++;
  });
  if (row === 0) throw badFile(file, "a row without missing values must be there", `${dropped} with some`);
  if (dropped > 0) notes.push(`${dropped} of ${rows} rows of ${file} are left out, as a value is missing.`);
  if (filled > 0) notes.push(`${filled} missing numbers of ${file} are the mean of their column.`);
  const plain = { scale: 1, offset: 0 } as const;
  const target: Column =
    classNames === null
      ? { ...plain, data: labels.subarray(0, row * targets), shape: [targets], dtype: "float32" }
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
    labels: hasLabels
      ? [{ ...target, fields: schema.labels.map((i) => ({ name: columns[i].name, words: null })) }]
      : [],
    length: row,
  };
}

/** A percentage where the column has such, else a plain number: 12 is no 12 %. */
function numberIn(text: string, { currency, isPercent }: CsvColumn, schema: CsvRules): number | null {
  if (text.endsWith("%") !== isPercent) return null;
  if (!isPlainNumber(text) && ![currency, ""].includes(readNumber(text)?.currency ?? null)) return null;
  const value = finiteNumber(text, schema);
  return value !== null && isPercent ? value / 100 : value;
}

function numberRule({ currency, isPercent }: CsvColumn): string {
  const kind = isPercent ? "a percentage, like the data to train on" : "a finite number";
  return currency === null ? kind : `${kind} with the sign ${currency} or none`;
}

function labelOf(text: string, column: CsvColumn, schema: CsvRules): number | null {
  const { classes } = schema;
  if (classes === null) return numberIn(text, column, schema);
  // A number that is written otherwise than in the data to train on: 1.0 for 1.
  return classes.get(text) ?? classes.get(`${finiteNumber(text, schema)}`) ?? null;
}

const labelRule = (column: CsvColumn, { classes }: CsvRules) =>
  classes === null ? numberRule(column) : "a class of the data to train on";
