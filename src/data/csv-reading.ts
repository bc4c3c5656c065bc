/**
 * How a table to train on was read, kept as JSON, and other tables read by it.
 *
 * Columns are found by their names where the table to train on had a header, in any order and beside others; else by their
 * order.
 */
import type { TableReading } from "../formats/data-description.ts";
import { badFile } from "./bad-file.ts";
import { type CsvRules, readCsvExamples } from "./csv-examples.ts";
import { forEachRow } from "./csv-rows.ts";
import type { CsvColumn, CsvSchema } from "./csv-schema.ts";
import type { Dataset } from "./dataset.ts";
import { fillWith } from "./fill-missing.ts";

/** The means are those of examples, which a schema does not see. */
export function describeTable(schema: CsvSchema): TableReading {
  const { columns, decimalSign, foundSeparator, hasHeader, labels, missing } = schema;
  return {
    form: "table",
    separator: foundSeparator,
    decimalSign,
    hasHeader,
    missing,
    means: null,
    columns: columns.map(({ at, currency, isPercent, name, words }, i) => ({
      name,
      role: labels.includes(i) ? "label" : at === null ? "ignored" : "feature",
      isPercent,
      currency,
      words: words === null ? null : [...words.keys()],
    })),
  };
}

function rulesOf(reading: TableReading, classNames: readonly string[] | null): CsvRules {
  const { decimalSign, hasHeader, missing, separator } = reading;
  let width = 0;
  const columns = reading.columns.map(({ currency, isPercent, name, role, words }): CsvColumn => {
    const at = role === "feature" ? width : null;
    if (role === "feature") width += words?.length ?? 1;
    return { name, words: words && new Map(words.map((word, i) => [word, i])), isPercent, currency, at };
  });
  return {
    separator,
    decimalSign,
    hasHeader,
    missing,
    columns,
    width,
    labels: labelPlaces(reading),
    classes: classNames && new Map(classNames.map((name, index) => [name, index])),
    classNames,
  };
}

const labelPlaces = ({ columns }: TableReading) =>
  columns.flatMap(({ role }, i) => (role === "label" ? [i] : []));

export interface AlikeTable {
  /** Of the table to train on. */
  readonly classNames: readonly string[] | null;
  /** Whether labels are wanted; else each row is an example, labelled or not. */
  readonly hasLabels: boolean;
  readonly notes: string[];
}

/**
 * Reads another table by the rules of the one to train on.
 *
 * Without labels no row is left out: a missing value is refused unless means stand for it.
 *
 * @throws {YfError} `BAD_DATA` with the line and the column where a cell, a name or a number of fields is of another kind.
 */
export async function readCsvAlike(
  file: string,
  reading: TableReading,
  { classNames, hasLabels, notes }: AlikeTable,
): Promise<Dataset> {
  const rules = rulesOf(reading, classNames);
  let first: readonly string[] = [];
  let firstLine = 1;
  const { rows } = await forEachRow(file, reading.separator, (fields, line) => {
    if (first.length > 0) return;
    first = [...fields];
    firstLine = line;
  });
  const header = { file, first, line: firstLine };
  const places = reading.hasHeader
    ? placesByName(header, reading, hasLabels, notes)
    : placesInOrder(header, reading, hasLabels);
  const dataset = await readCsvExamples(file, {
    schema: { ...rules, missing: rules.missing === "drop" && !hasLabels ? null : rules.missing },
    rows: rows - (reading.hasHeader ? 1 : 0),
    notes,
    places,
    fieldCount: first.length,
    hasLabels,
  });
  if (reading.means !== null) fillWith(dataset, 0, reading.means);
  return dataset;
}

interface FirstRow {
  readonly file: string;
  readonly first: readonly string[];
  readonly line: number;
}

function placesByName(
  { file, first, line }: FirstRow,
  { columns, separator }: TableReading,
  hasLabels: boolean,
  notes: string[],
): number[] {
  const names = first.map((name, i) => (name === "" ? `column ${i + 1}` : name));
  const isWanted = (role: TableReading["columns"][number]["role"]) =>
    role === "feature" || (role === "label" && hasLabels);
  // Names that are there twice tell their columns apart by their order alone.
  if (columns.length === names.length && columns.every(({ name }, i) => name === names[i])) {
    return columns.map((_, i) => i);
  }
  const refuse = (rule: string, received: unknown) =>
    badFile(file, `line ${line} must have ${rule}`, received, { line });
  const places = columns.map(({ name, role }) => {
    if (!isWanted(role)) return -1;
    const place = names.indexOf(name);
    if (place < 0) {
      throw refuse(
        `the column ${name} of the data to train on, with a ${separator} between names`,
        first.slice(0, 20).join(", "),
      );
    }
    const isAlone =
      names.lastIndexOf(name) === place && columns.filter((other) => other.name === name).length === 1;
    if (isAlone) return place;
    throw refuse(`one column ${name}, or the names of the data to train on in their order`, name);
  });
  const known = columns.map(({ name }) => name);
  const others = names.filter((name) => !known.includes(name));
  if (others.length > 0) {
    const some = others.slice(0, 5).join(", ") + (others.length > 5 ? ", …" : "");
    notes.push(`Columns of ${file} that the data to train on do not have are left out: ${some}.`);
  }
  return places;
}

function placesInOrder({ file, first, line }: FirstRow, reading: TableReading, hasLabels: boolean): number[] {
  const { columns, separator } = reading;
  const labels = labelPlaces(reading);
  if (first.length === columns.length) return columns.map((_, i) => i);
  if (!hasLabels && first.length === columns.length - labels.length) {
    let next = 0;
    return columns.map((_, i) => (labels.includes(i) ? -1 : next++));
  }
  const counts = hasLabels
    ? `${columns.length}`
    : `${columns.length - labels.length} or, with labels, ${columns.length}`;
  const rule = `line ${line} must have ${counts} fields with a ${separator} in between, like the data to train on`;
  throw badFile(file, rule, first.length, { line });
}
