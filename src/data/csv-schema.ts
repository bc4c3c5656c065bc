/**
 * What the columns of a table are: numbers or words, classes or numbers in the label's, names of their own or not.
 *
 * Owns what is guessed from the texts of a table, and what is too doubtful to guess.
 */
import { badFile } from "./bad-file.ts";
import { forEachRow } from "./csv-rows.ts";
import type { LabelKind } from "./label-kind.ts";

/** Different words in a column of features; more are names, not kinds. */
const maxWords = 1000;
const maxClasses = 65_536;

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const integer = /^[+-]?\d+$/;
/** How programs write that there is no number. */
const gap = /^(?:[+-]?(?:nan|inf|infinity)|#?n\/?a|<na>|null|none|\?)$/i;

interface CsvColumn {
  readonly name: string;
  /** The feature of each word; null in a column of numbers. */
  readonly words: ReadonlyMap<string, number> | null;
  /** First feature; null for the label. */
  readonly at: number | null;
}

export interface CsvSchema {
  readonly hasHeader: boolean;
  /** The first row, in one line. */
  readonly header: string;
  readonly columns: readonly CsvColumn[];
  /** Number of features. */
  readonly width: number;
  /** Class of each text of a label; null where labels are numbers. */
  readonly classes: ReadonlyMap<string, number> | null;
  /** Without the header. */
  readonly rows: number;
}

/** What the texts of a column have in common. */
interface Seen {
  readonly texts: Set<string>;
  /** The first text that is no number. */
  word: { readonly text: string; readonly line: number } | null;
  hasNumber: boolean;
  hasFraction: boolean;
}

/**
 * The types of all columns, and the number of rows below the header.
 *
 * The first row is a header if none of its fields is a number, or a column is of numbers but for its name there.
 *
 * @param labelColumn Name or number (from 1) of the label's column; null for the last.
 * @throws {YfError} `BAD_DATA`, with the line where a field is empty, or is none of the numbers that its column has.
 */
export function readCsvSchema(file: string, labelColumn: string | null, kind: LabelKind): CsvSchema {
  let first: readonly string[] = [];
  let firstLine = 1;
  let label = 0;
  let seen: Seen[] = [];
  const note = (fields: readonly string[], line: number) => {
    for (const [i, text] of fields.entries()) {
      const column = seen[i];
      if (number.test(text)) {
        column.hasNumber = true;
        column.hasFraction ||= !integer.test(text);
      } else if (line < (column.word?.line ?? Number.POSITIVE_INFINITY)) column.word = { text, line };
      if (column.texts.size <= (i === label ? maxClasses : maxWords)) column.texts.add(text);
    }
  };
  const total = forEachRow(file, (fields, line) => {
    if (first.length === 0) {
      first = [...fields];
      firstLine = line;
      label = findLabel(file, fields, labelColumn);
      seen = fields.map(() => ({ texts: new Set(), word: null, hasNumber: false, hasFraction: false }));
      return;
    }
    requireFull(file, fields, line, first);
    note(fields, line);
  });
  const hasHeader =
    !first.some((text) => number.test(text)) ||
    seen.some(({ hasNumber, word }, i) => hasNumber && word === null && isName(first[i]));
  if (!hasHeader) {
    requireFull(file, first, firstLine, first);
    note(first, firstLine);
  }
  const rows = total - (hasHeader ? 1 : 0);
  if (rows < 1) throw badFile(file, "it must have at least one row of data", 0);
  if (first.length < 2) {
    throw badFile(file, "it must have a column of features beside the label's", first.join(", "));
  }

  let width = 0;
  const columns = seen.map((column, i): CsvColumn => {
    const name = hasHeader ? first[i] : `column ${i + 1}`;
    refuseGaps(file, name, column);
    if (i === label) return { name, words: null, at: null };
    const at = width;
    const words = column.word === null ? null : indexed([...column.texts].sort());
    if (words !== null && words.size > maxWords) {
      const rule = `a column of words must have at most ${maxWords} different ones`;
      throw badFile(file, rule, `more in ${name}`);
    }
    width += words?.size ?? 1;
    return { name, words, at };
  });
  const classes = classesOf(file, columns[label].name, seen[label], kind);
  return { hasHeader, header: first.join(", "), columns, width, classes, rows };
}

const isName = (text: string): boolean => text !== "" && !number.test(text) && !gap.test(text);

function requireFull(file: string, fields: readonly string[], line: number, first: readonly string[]): void {
  const empty = fields.indexOf("");
  if (empty < 0) return;
  const isNamed = first[empty] !== "" && !first.some((text) => number.test(text));
  const name = isNamed ? first[empty] : `column ${empty + 1}`;
  throw badFile(file, `line ${line} must have a value in ${name}`, "", { line });
}

/** Whole numbers may stand among words, as kinds. Among fractions, or alone among numbers, a word is a mistake or a gap. */
function refuseGaps(file: string, name: string, { hasFraction, hasNumber, texts, word }: Seen): void {
  if (word === null || !hasNumber) return;
  const hasKinds = [...texts].some(isName) && texts.size <= maxWords;
  if (hasKinds && !hasFraction) return;
  const { line, text } = word;
  throw badFile(file, `line ${line} must have a number in ${name}, like other lines`, text, { line });
}

/** Words in the order of the alphabet, integers in theirs; null where labels are numbers. */
function classesOf(
  file: string,
  name: string,
  { hasFraction, texts, word }: Seen,
  kind: LabelKind,
): ReadonlyMap<string, number> | null {
  if (kind === "value") {
    if (word === null) return null;
    const { line, text } = word;
    throw badFile(file, `line ${line} must have a number in ${name}, the label, for this loss`, text, {
      line,
    });
  }
  if (word === null && hasFraction) return null;
  if (texts.size > maxClasses) {
    throw badFile(file, `the label ${name} must have at most ${maxClasses} classes`, "more");
  }
  return word === null ? byValue([...texts]) : indexed([...texts].sort());
}

/** Integers in their order, which makes classes 0 … C − 1 themselves. */
function byValue(texts: readonly string[]): ReadonlyMap<string, number> {
  const values = [...new Set(texts.map(Number))].sort((a, b) => a - b);
  return new Map(texts.map((text) => [text, values.indexOf(Number(text))]));
}

const indexed = (texts: readonly string[]) => new Map(texts.map((text, i) => [text, i]));

function findLabel(file: string, first: readonly string[], wanted: string | null): number {
  if (wanted === null) return first.length - 1;
  const named = first.indexOf(wanted);
  const found = named >= 0 || !/^[1-9]\d*$/.test(wanted) ? named : Number(wanted) - 1;
  if (found >= 0 && found < first.length) return found;
  const names = first.some((text) => number.test(text)) ? "" : `${first.join(", ")}, or `;
  const rule = `its label column must be one of ${names}a number in [1, ${first.length}]`;
  throw badFile(file, rule, wanted);
}

/** Null for what is no number, or none that float32 holds. */
export function readNumber(field: string): number | null {
  const value = number.test(field) ? Math.fround(Number(field)) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}
