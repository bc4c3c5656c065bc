/** Whether the first row of a table is the names of its columns or an example. */
import type { ColumnTexts } from "./csv-column.ts";
import { looksNumeric } from "./csv-numbers.ts";
import { isGap } from "./gaps.ts";

export interface Header {
  readonly isHeader: boolean;
  /** What was taken for granted where a table can be read either way; null where it is clear. */
  readonly note: string | null;
}

const isName = (text: string) => !isGap(text) && !looksNumeric(text);

/**
 * @param first Row. @param columns What is in the rows below.
 *
 * A name above numbers shows a header. Elsewhere a word that comes again below is none, and numbers that count the columns
 * are one, as programs write it where columns have no names.
 */
export function findHeader(first: readonly string[], columns: readonly ColumnTexts[]): Header {
  const isNumeric = ({ not, numbers }: ColumnTexts) =>
    numbers.point + numbers.comma > 0 && (not.point === null || not.comma === null);
  if (first.some((text, i) => isName(text) && isNumeric(columns[i]))) return { isHeader: true, note: null };
  const shown = first.slice(0, 4).join(", ") + (first.length > 4 ? ", …" : "");
  const asNames = `The first line (${shown}) is taken for the names of the columns: --header no makes it an example.`;
  const asExample = `The first line (${shown}) is taken for an example: --header yes makes it the names of the columns.`;
  const words = [...first.keys()].filter((i) => isName(first[i]));
  const numbers = [...first.keys()].filter((i) => looksNumeric(first[i]));
  const comesAgain = words.some((i) => columns[i].texts.has(first[i]));
  if (numbers.length === 0) {
    return comesAgain ? { isHeader: false, note: asExample } : { isHeader: true, note: asNames };
  }
  const counts = (from: number) => numbers.every((i) => Number(first[i]) === i + from);
  if (!comesAgain && numbers.length > 2 && (counts(0) || counts(1))) return { isHeader: true, note: asNames };
  // A class that all other rows lack is a name; where every row has its own word, none comes again.
  const isKind = (i: number) => columns[i].texts.size <= columns[i].count / 2;
  if (words.some((i) => isKind(i) && !columns[i].texts.has(first[i])))
    return { isHeader: true, note: asNames };
  return { isHeader: false, note: null };
}
