/**
 * Puts the tables into the pages that have some: results from their files, options from their table. `npm run readme`.
 *
 * A table stands between `<!-- result: NAME -->`, `<!-- headlines -->` or `<!-- options -->` and `<!-- end -->`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { optionsMarkdown } from "../src/options/describe.ts";
import { root } from "./harness/places.ts";
import { committedResult } from "./harness/results.ts";
import { resultTable } from "./harness/table.ts";
import { headlines } from "./headlines.ts";

/** Pages with tables, from the root of the repository. */
export const pages = ["README.md", "bench/results/README.md", "bench/choosing-an-optimizer.md"];

const fillings: Readonly<Record<string, () => string>> = { options: optionsMarkdown, headlines };

/** The text with every table as it should be. @throws {Error} If a result is missing. */
export function withTables(text: string): string {
  return text.replace(
    /<!-- (options|headlines|result: ([\w-]+)) -->\n[\s\S]*?<!-- end -->/g,
    (_, what: string, name: string) =>
      `<!-- ${what} -->\n${(fillings[what] ?? (() => tableOf(name)))()}\n<!-- end -->`,
  );
}

/** A page's text. */
export const readPage = (page: string): string => readFileSync(new URL(page, root), "utf8");

function tableOf(name: string): string {
  const result = committedResult(name);
  if (result === null)
    throw new Error(`Cannot fill the tables as bench/results/${name}.json must exist: received none`);
  return resultTable(result);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const page of pages) writeFileSync(new URL(page, root), withTables(readPage(page)));
}
