/**
 * The rows of a table in text, one after the other, from files of any size. The one door to csv-parse.
 *
 * The separator is recognised by the first rows: the one by which most of them have the same number of fields, and of
 * several such the one by which most fields are numbers, or there are most fields, as commas may be within numbers or words.
 */
import { finished } from "node:stream/promises";
import { type CsvError, type Options, parse } from "csv-parse";
import { parse as parseText } from "csv-parse/sync";
import { badFile } from "./bad-file.ts";
import { looksNumeric } from "./csv-numbers.ts";
import { textPieces } from "./text-pieces.ts";

/** Longer rows are a quote that is not closed; 10⁵ columns fit many times. */
const maxRecordBytes = 2 ** 25;

/** Preferred from left to right where all else is equal. */
const separators = { tab: "\t", semicolon: ";", pipe: "|", comma: "," } as const;

/** The name of a separator. */
export type SeparatorName = keyof typeof separators;

const common = { skip_empty_lines: true, trim: true, max_record_size: maxRecordBytes } satisfies Options;

/**
 * Calls `visit` with every row and its last line, from 1.
 *
 * @param separator Null to recognise it. @returns The number of rows, and the separator.
 * @throws {YfError} `BAD_DATA` with the line where the text is no table, or a row is longer or shorter than the first; with
 *   the offset where it is no text. Whatever `visit` throws.
 */
export async function forEachRow(
  file: string,
  separator: SeparatorName | null,
  visit: (fields: readonly string[], line: number) => void,
): Promise<{ readonly rows: number; readonly separator: SeparatorName }> {
  let rows = 0;
  const failures: unknown[] = [];
  const pieces = textPieces(file);
  let head = Buffer.alloc(0);
  let ended = false;
  while (!ended && head.length < headBytes) {
    const { done, value } = await pieces.next();
    if (done) ended = true;
    else head = Buffer.concat([head, value]);
  }
  const name = separator ?? recognise(head, ended, /\.tsv(\.gz)?$/.test(file) ? "tab" : "comma");
  const parser = parse({
    ...common,
    delimiter: separators[name],
    on_record: (fields: string[], { lines }) => {
      if (failures.length > 0) return null;
      rows++;
      try {
        visit(fields, lines);
      } catch (error) {
        failures.push(error);
      }
      // Nothing is kept.
      return null;
    },
  });
  parser.on("error", (error) => failures.push(refusal(file, name, error as CsvError)));
  parser.resume();
  // Rows are visited while a piece is written, so there is nothing to wait for in between.
  parser.write(head);
  while (!ended && failures.length === 0) {
    const { done, value } = await pieces.next();
    if (done) ended = true;
    else parser.write(value);
  }
  await pieces.return(undefined);
  if (failures.length === 0) {
    parser.end();
    await finished(parser).catch(() => undefined);
  }
  parser.destroy();
  if (failures.length > 0) throw failures[0];
  return { rows, separator: name };
}

function refusal(file: string, separator: SeparatorName, error: CsvError): Error {
  const { code, lines, message } = error as CsvError & { lines?: number };
  const place = lines === undefined ? {} : { line: lines };
  const rule = code.includes("INCONSISTENT")
    ? `every row must have as many fields as the first (the separator is taken to be a ${separator}: --separator)`
    : `must be a table of fields with a ${separator} in between (--separator), quoted where they hold one`;
  return badFile(file, rule, message, place);
}

/** So much of a table, or so many rows, show its separator. */
const headBytes = 2 ** 16;
const headRows = 50;

/** @param otherwise Where no separator makes two fields. */
function recognise(head: Buffer, isWhole: boolean, otherwise: SeparatorName): SeparatorName {
  // What follows the last line break may be cut.
  const end = isWhole ? head.length : head.lastIndexOf("\n") + 1 || head.length;
  const text = head.subarray(0, end);
  let best = { name: otherwise, rank: [0, 0, 0] as readonly number[] };
  for (const name of Object.keys(separators) as SeparatorName[]) {
    const rank = rankOf(text, separators[name]);
    const differing = rank.findIndex((value, i) => value !== best.rank[i]);
    if (rank[0] > 0 && rank[differing] > best.rank[differing]) best = { name, rank };
  }
  return best.name;
}

/** Share of the first rows that have the same number of fields, two or more; share of fields that are numbers; that number. */
function rankOf(text: Buffer, delimiter: string): readonly number[] {
  let rows: string[][];
  try {
    rows = parseText(text, { ...common, delimiter, relax_column_count: true, to: headRows });
  } catch {
    return [0, 0, 0];
  }
  const counts = new Map<number, number>();
  for (const { length } of rows) if (length > 1) counts.set(length, (counts.get(length) ?? 0) + 1);
  const fields = rows.flat();
  const [width, most] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [0, 0];
  return [
    most / Math.max(1, rows.length),
    fields.filter(looksNumeric).length / Math.max(1, fields.length),
    width,
  ];
}
