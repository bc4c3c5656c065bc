/** The rows of a table in text, one after the other: CSV, and TSV by the file's ending. The one door to csv-parse. */
import { CsvError, parse } from "csv-parse/sync";
import { badFile } from "./bad-file.ts";
import { readBytes } from "./read-bytes.ts";
import { requireUtf8 } from "./require-utf8.ts";

const maxRecordBytes = 2 ** 25;

/**
 * Calls `visit` with every row and its line, from 1.
 *
 * @returns The number of rows.
 * @throws {YfError} `BAD_DATA` with the line where the text is no table, or a row is longer or shorter than the first; with
 *   the offset where it is no text.
 */
export function forEachRow(file: string, visit: (fields: readonly string[], line: number) => void): number {
  const bytes = readBytes(file);
  // UTF-16 has a mark at its beginning by which it is decoded.
  if (bytes[0] !== 0xff || bytes[1] !== 0xfe) requireUtf8(file, bytes);
  let rows = 0;
  try {
    parse(bytes, {
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
