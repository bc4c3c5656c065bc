/**
 * Puts the tables into the pages that have some: results from their files, options from their table; and draws the pages'
 * pictures. `npm run readme`.
 *
 * A table stands between `<!-- result: NAME -->`, `<!-- headlines -->` or `<!-- options -->` and `<!-- end -->`;
 * with `result: NAME, tables 1 3` only the first and the third table of the result do.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { optionsMarkdown } from "../src/options/describe.ts";
import { resultsDirectory, root } from "./harness/places.ts";
import { committedResult } from "./harness/results.ts";
import { resultTable } from "./harness/table.ts";
import { headlines } from "./headlines.ts";
import { picture, pictureNames } from "./readme-pictures.ts";

/** Pages with tables, from the root of the repository. */
export const pages = [
  "README.md",
  "src/options/README.md",
  "bench/results/README.md",
  "bench/choosing-an-optimizer.md",
];

const fillings: Readonly<Record<string, () => string>> = { options: optionsMarkdown, headlines };

/** The text with every table as it should be. @throws {Error} If a result is missing. */
export function withTables(text: string): string {
  return text.replace(
    /<!-- (options|headlines|result: ([\w-]+)(?:, tables?((?: \d+)+))?) -->\n[\s\S]*?<!-- end -->/g,
    (_, what: string, name: string, places?: string) => {
      const filling = fillings[what] ?? (() => tableOf(name, places?.trim().split(" ").map(Number)));
      return `<!-- ${what} -->\n${filling()}\n<!-- end -->`;
    },
  );
}

/** A page's text. */
export const readPage = (page: string): string => readFileSync(new URL(page, root), "utf8");

/** @param places Of the tables to show, from 1; all if absent. @throws {Error} If the result or a table is missing. */
function tableOf(name: string, places?: readonly number[]): string {
  const result = committedResult(name);
  if (result === null) throw new Error(`Cannot fill the tables: bench/results/${name}.json must exist`);
  if (places === undefined) return resultTable(result);
  const tables = places.map((place) => {
    const table = result.tables?.[place - 1];
    if (table === undefined) throw new Error(`Cannot fill the tables: ${name} must have a table ${place}`);
    return table;
  });
  return resultTable({ ...result, comparisons: [], skipped: [], tables });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const page of pages) writeFileSync(new URL(page, root), withTables(readPage(page)));
  for (const name of pictureNames) writeFileSync(new URL(name, resultsDirectory), picture(name));
}
