/**
 * What the columns of a table are: numbers or words, classes or numbers in the label's, names of their own or not.
 *
 * Owns what is guessed from the texts of a table, and what is too doubtful to guess.
 */
import type { Field } from "../formats/data-description.ts";
import { badFile } from "./bad-file.ts";
import { classesOfNumbers, classesOfWords, maxClasses, namesOf } from "./class-labels.ts";
import { type Cell, ColumnTexts } from "./csv-column.ts";
import { findHeader } from "./csv-header.ts";
import { type DecimalSign, isPlainNumber, readNumber } from "./csv-numbers.ts";
import { forEachRow, type SeparatorName } from "./csv-rows.ts";
import { isCertainGap } from "./gaps.ts";
import type { LabelKind } from "./label-kind.ts";
import { compareNaturally } from "./natural-order.ts";

/** How a table is read, as far as it is not left to be recognised. */
export interface CsvForm {
  /** Name or number (from 1) of the label's column, or those of several with commas in between; null for the last. */
  readonly labelColumn: string | null;
  /** `class`: words, and numbers that are all whole, are classes; `value`: the label is a number. */
  readonly labels: LabelKind;
  readonly separator: SeparatorName | null;
  readonly decimal: DecimalSign | null;
  readonly header: "yes" | "no" | null;
  /** What is done about missing values; null to refuse them. */
  readonly missing: "mean" | "drop" | null;
  /** Names or numbers of columns that are left out. */
  readonly ignoreColumns: readonly string[];
}

/** Different words in a column of features; more are names, not kinds. */
const maxWords = 1000;

/** Columns in which so many numbers differ and so few cells are none have typing errors, not kinds. */
const fewestNumbers = 20;
const largestWordShare = 0.05;

export interface CsvColumn {
  readonly name: string;
  /** The feature of each word; null in a column of numbers. */
  readonly words: ReadonlyMap<string, number> | null;
  /** Whether numbers are percentages. */
  readonly isPercent: boolean;
  /** Sign of the currency that numbers may have; null for none. */
  readonly currency: string | null;
  /** First feature; null for the label, and for a column that is left out. */
  readonly at: number | null;
}

export interface CsvSchema extends Omit<CsvForm, "labels"> {
  readonly hasHeader: boolean;
  /** The first row, in one line. */
  readonly headerText: string;
  readonly decimalSign: DecimalSign;
  /** As given, else as recognised. */
  readonly foundSeparator: SeparatorName;
  readonly columns: readonly CsvColumn[];
  /** Places of the labels' columns; several are numbers. */
  readonly labels: readonly number[];
  /** Number of features. */
  readonly width: number;
  /** Class of each text of a label; null where labels are numbers. */
  readonly classes: ReadonlyMap<string, number> | null;
  /** In the order of their indices; null where labels are numbers. */
  readonly classNames: readonly string[] | null;
  /** Without the header. */
  readonly rows: number;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** What is being read, for errors, and what there is to say of it. */
interface Reading {
  readonly file: string;
  readonly form: CsvForm;
  readonly decimal: DecimalSign;
  readonly notes: string[];
  readonly warnings: string[];
}

/**
 * The types of all columns, and the number of rows below the header.
 *
 * @throws {YfError} `BAD_DATA`, with the line where a value is missing, or is none of the numbers that its column has.
 */
export async function readCsvSchema(file: string, form: CsvForm): Promise<CsvSchema> {
  let first: readonly string[] = [];
  let firstLine = 1;
  let seen: ColumnTexts[] = [];
  const { rows: total, separator: foundSeparator } = await forEachRow(
    file,
    form.separator,
    (fields, line) => {
      if (first.length > 0) {
        for (const [i, text] of fields.entries()) seen[i].note(text, line);
        return;
      }
      first = [...fields];
      firstLine = line;
      const places = namesOfLabels(first, form.labelColumn).map((name) => placeOf(first, name));
      const isLabel = (i: number) => (places.length === 0 ? i === first.length - 1 : places.includes(i));
      seen = fields.map((_, i) => new ColumnTexts(isLabel(i) ? maxClasses : maxWords));
    },
  );
  const found =
    form.header === null ? findHeader(first, seen) : { isHeader: form.header === "yes", note: null };
  if (!found.isHeader) for (const [i, text] of first.entries()) seen[i].note(text, firstLine);
  const rows = total - (found.isHeader ? 1 : 0);
  if (rows < 1) throw badFile(file, "must have at least one row of data", 0);
  if (first.length < 2) {
    const rule =
      "must have a column of features beside the label's (--separator says what is between columns)";
    throw badFile(file, rule, first.join(", "));
  }
  const names = first.map((name, i) => (found.isHeader && name !== "" ? name : `column ${i + 1}`));
  const labels = findLabels(file, found.isHeader ? first : null, names.length, form.labelColumn);
  const decimal = form.decimal ?? findDecimal(file, names, seen);
  const reading: Reading = {
    file,
    form,
    decimal,
    notes: found.note === null ? [] : [found.note],
    warnings: [],
  };
  const ignored = ignoredColumns(reading, found.isHeader ? first : null, seen, labels);

  let width = 0;
  const columns = seen.map((texts, i): CsvColumn => {
    const name = names[i];
    if (labels.includes(i) || ignored.has(i))
      return { name, words: null, isPercent: false, currency: null, at: null };
    const at = width;
    const words = wordsOf(reading, name, texts);
    width += words?.size ?? 1;
    return { name, words, ...(words === null ? marksOf(reading, name, texts) : noMarks), at };
  });
  if (width === 0) throw badFile(file, "must have a column of features beside the label's");
  // Of several, each is a number to predict.
  const kind = labels.length === 1 ? form.labels : "value";
  const [{ classes, classNames }] = labels.map((i) => labelsOf(reading, kind, names[i], seen[i]));
  const { notes, warnings } = reading;
  for (const i of classes === null ? labels : []) {
    columns[i] = { ...columns[i], ...marksOf(reading, names[i], seen[i]) };
  }
  return {
    ...form,
    hasHeader: found.isHeader,
    headerText: first.join(", "),
    decimalSign: decimal,
    foundSeparator,
    columns,
    labels,
    width,
    classes,
    classNames,
    rows,
    notes,
    warnings,
  };
}

/** The columns of a table that are features, for descriptions. */
export function fieldsOf({ columns }: Pick<CsvSchema, "columns">): Field[] {
  return columns.flatMap(({ at, name, words }) =>
    at === null ? [] : [{ name, words: words === null ? null : [...words.keys()] }],
  );
}

const at = ({ line }: Cell) => ({ line });

/**
 * The decimal sign by which columns are numbers that are none by the other one.
 *
 * @throws {YfError} `BAD_DATA` where columns contradict each other, or nothing tells 1,234 from 1.234.
 */
function findDecimal(file: string, names: readonly string[], columns: readonly ColumnTexts[]): DecimalSign {
  const evidence = (sign: DecimalSign, other: DecimalSign) =>
    columns.findIndex((column) => column.isNumeric(sign) && !column.isNumeric(other));
  const [point, comma] = [evidence("point", "comma"), evidence("comma", "point")];
  if (point >= 0 && comma >= 0) {
    const cell = columns[comma].only.comma as Cell;
    const rule = `line ${cell.line} must have the decimal sign of ${columns[point].only.point?.text} in ${names[point]} (or say --decimal point or comma)`;
    throw badFile(file, rule, `${cell.text} in ${names[comma]}`, at(cell));
  }
  if (comma >= 0) return "comma";
  if (point >= 0) return "point";
  const unclear = columns.findIndex((column) => column.isNumeric("point") && column.ambiguous !== null);
  if (unclear < 0) return "point";
  const cell = columns[unclear].ambiguous as Cell;
  const rule = `line ${cell.line} must have a number in ${names[unclear]} that can be read in one way (--decimal point or comma)`;
  throw badFile(file, rule, cell.text, at(cell));
}

/** Columns that are no features: those that were named, and one without a name that counts the rows. */
function ignoredColumns(
  { file, form, notes, warnings }: Reading,
  header: readonly string[] | null,
  columns: readonly ColumnTexts[],
  labels: readonly number[],
): ReadonlySet<number> {
  const ignored = new Set(
    form.ignoreColumns.map((wanted) => findColumn(file, header, columns.length, wanted)),
  );
  const unlabelled = labels.find((i) => ignored.has(i));
  if (unlabelled !== undefined) {
    const rule = "the label's column must not be left out (--ignore-columns)";
    throw badFile(file, rule, `column ${unlabelled + 1}`);
  }
  for (const [i, { count, counts }] of columns.entries()) {
    if (!counts || count < 2 || labels.includes(i) || ignored.has(i) || header === null) continue;
    if (header[i] === "" || /^unnamed(: \d+)?$/i.test(header[i])) {
      ignored.add(i);
      notes.push(`Column ${i + 1} has no name and counts the rows: it is left out.`);
    } else if (/^(?:.*[_ ])?(?:id|index|row|no|nr|number)$|[a-z]I[dD]$/i.test(header[i])) {
      warnings.push(
        `${header[i]} counts the rows and tells nothing of them: --ignore-columns ${header[i]} leaves it out.`,
      );
    }
  }
  return ignored;
}

/** The words of a column of features in their order; null for a column of numbers. @throws As {@link readCsvSchema}. */
function wordsOf(reading: Reading, name: string, column: ColumnTexts): ReadonlyMap<string, number> | null {
  const { decimal, file, form, warnings } = reading;
  const { certainGap, count, hasFraction, not, numbers, texts } = column;
  const word = not[decimal];
  if (word === null && numbers[decimal] > 0) {
    if (column.gap !== null) requireFilled(reading, name, column.gap, "number");
    return null;
  }
  if (numbers[decimal] > 0 && word !== null) {
    const isMistake =
      hasFraction[decimal] ||
      texts.size > maxWords ||
      (texts.size > fewestNumbers && 1 - numbers[decimal] / count <= largestWordShare);
    if (isMistake) {
      const rule = `line ${word.line} must have a number in ${name}, like other lines`;
      throw badFile(file, rule, word.text, at(word));
    }
    if (numbers[decimal] > count / 2) {
      const share = `${numbers[decimal]} of ${count} cells are numbers`;
      warnings.push(
        `${name} is read as ${texts.size} words, as line ${word.line} has ${word.text}, although ${share}.`,
      );
    }
  }
  if (certainGap?.text === "" || (certainGap !== null && form.missing === "drop")) {
    requireFilled(reading, name, certainGap, "value");
  }
  if (numbers[decimal] === 0 && word === null && certainGap !== null) {
    throw badFile(
      file,
      `${name} must have a value (--ignore-columns leaves a column out)`,
      certainGap.text,
      at(certainGap),
    );
  }
  const dropped = (text: string) => form.missing === "drop" && isCertainGap(text);
  const words = [...texts].filter((text) => !dropped(text)).sort(compareNaturally);
  if (words.length > maxWords) {
    const rule = `a column of words must have at most ${maxWords} different ones (--ignore-columns leaves it out)`;
    throw badFile(file, rule, `more in ${name}`);
  }
  return new Map(words.map((text, i) => [text, i]));
}

function requireFilled({ file, form }: Reading, name: string, gap: Cell, what: string): void {
  if (form.missing !== null) return;
  const rule = `line ${gap.line} must have a ${what} in ${name} (--missing mean or drop)`;
  throw badFile(file, rule, gap.text, at(gap));
}

type Marks = Pick<CsvColumn, "currency" | "isPercent">;

const noMarks: Marks = { currency: null, isPercent: false };

/** Says what was read beside digits. @throws {YfError} `BAD_DATA` where cells are not alike. */
function marksOf({ file, notes }: Reading, name: string, column: ColumnTexts): Marks {
  const { bare, currency: money, otherCurrency, percent } = column;
  if (otherCurrency !== null && money !== null) {
    const rule = `line ${otherCurrency.line} must have the currency of line ${money.line}, ${money.text}, in ${name}`;
    throw badFile(file, rule, otherCurrency.text, at(otherCurrency));
  }
  const currency = money && (readNumber(money.text)?.currency ?? null);
  if (currency !== null) notes.push(`${name} is read without its sign ${currency}.`);
  if (percent === null) return { currency, isPercent: false };
  if (bare !== null) {
    const rule = `line ${bare.line} must have a percentage in ${name}, like line ${percent.line}`;
    throw badFile(file, rule, bare.text, at(bare));
  }
  notes.push(`${name} is read as shares: ${percent.text} is ${shareOf(percent.text)}.`);
  return { currency, isPercent: true };
}

const shareOf = (text: string) => {
  const reading = readNumber(text);
  return Number((((reading?.point ?? reading?.comma) as number) / 100).toPrecision(6));
};

interface LabelClasses {
  readonly classes: ReadonlyMap<string, number> | null;
  readonly classNames: readonly string[] | null;
}

function labelsOf(reading: Reading, kind: LabelKind, name: string, column: ColumnTexts): LabelClasses {
  const { decimal, file, form } = reading;
  const { certainGap, gap, hasFraction, not, texts } = column;
  const word = not[decimal];
  const missing = word === null ? gap : certainGap;
  if (missing !== null && form.missing !== "drop") {
    const rule = `line ${missing.line} must have a label in ${name} (--missing drop leaves such lines out)`;
    throw badFile(file, rule, missing.text, at(missing));
  }
  if (word !== null && (kind === "value" || hasFraction[decimal])) {
    const why = kind === "value" ? ", the label, for this loss" : ", the label, like other lines";
    throw badFile(file, `line ${word.line} must have a number in ${name}${why}`, word.text, at(word));
  }
  if (kind === "value" || (word === null && hasFraction[decimal])) return { classes: null, classNames: null };
  const refuse = (rule: string, received: unknown) => badFile(file, `of ${name}, ${rule}`, received);
  const labels = [...texts].filter(
    (text) => !(word === null ? readNumber(text) === null : isCertainGap(text)),
  );
  if (word !== null) {
    const classes = classesOfWords(labels, refuse);
    return { classes, classNames: namesOf(classes) };
  }
  // 1 and 1.0 are one class.
  const numberOf = (text: string) => (readNumber(text)?.[decimal] ?? Number.NaN) + 0;
  const classes = classesOfNumbers(labels.map(numberOf), refuse);
  if (classes === null) return { classes: null, classNames: null };
  const byText = new Map(labels.map((text) => [text, classes.get(numberOf(text)) as number]));
  // Classes that no line has keep their place, and a table to test with may have them.
  for (const [value, index] of classes) if (!byText.has(`${value}`)) byText.set(`${value}`, index);
  return { classes: byText, classNames: namesOf(classes) };
}

/** In the order of the table. */
function findLabels(
  file: string,
  header: readonly string[] | null,
  count: number,
  wanted: string | null,
): number[] {
  if (wanted === null) return [count - 1];
  const places = namesOfLabels(header, wanted).map((name) =>
    findColumn(file, header, count, name, "its label column"),
  );
  if (new Set(places).size === places.length) return places.sort((a, b) => a - b);
  throw badFile(file, "its label columns must be different", wanted);
}

/** A name may have commas in it; else they are between names. None for the last column. */
function namesOfLabels(header: readonly string[] | null, wanted: string | null): readonly string[] {
  if (wanted === null) return [];
  return header?.includes(wanted) ? [wanted] : wanted.split(",").map((name) => name.trim());
}

/** By name or number; undefined where neither fits. */
function placeOf(header: readonly string[] | null, wanted: string): number | undefined {
  const named = header?.indexOf(wanted) ?? -1;
  if (named >= 0) return named;
  return /^[1-9]\d*$/.test(wanted) ? Number(wanted) - 1 : undefined;
}

/** Names in an error are cut after so many. */
const mostNames = 20;

function findColumn(
  file: string,
  header: readonly string[] | null,
  count: number,
  wanted: string,
  what = "a column to leave out",
): number {
  const found = placeOf(header, wanted);
  if (header?.[found ?? -1] === wanted && header.lastIndexOf(wanted) !== found) {
    throw badFile(file, `${what} must have a name of its own, or be given by its number`, wanted);
  }
  if (found !== undefined && found < count) return found;
  const some = header?.slice(0, mostNames).join(", ");
  const names = some === undefined ? "" : `${some}${count > mostNames ? ", …" : ""}, or `;
  throw badFile(file, `${what} must be one of ${names}a number in [1, ${count}]`, wanted);
}

/** Null for what is no number, or none that float32 holds. */
export function finiteNumber(text: string, { decimalSign }: Pick<CsvSchema, "decimalSign">): number | null {
  const value =
    isPlainNumber(text) && decimalSign === "point" ? Number(text) : readNumber(text)?.[decimalSign];
  return value != null && Number.isFinite(Math.fround(value)) ? value : null;
}
