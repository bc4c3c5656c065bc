/**
 * Puts the tables into the README: results from their files, options from their table. `npm run readme`.
 *
 * A table stands between `<!-- result: NAME -->` or `<!-- options -->` and `<!-- end -->`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { optionsMarkdown } from "../src/options/describe.ts";
import { root } from "./harness/places.ts";
import { readResult } from "./harness/results.ts";
import { resultTable } from "./harness/table.ts";

const file = new URL("README.md", root);

/** The text with every table as it should be. @throws {Error} If a result is missing. */
export function withTables(text: string): string {
  return text.replace(
    /<!-- (options|result: ([\w-]+)) -->\n[\s\S]*?<!-- end -->/g,
    (_, what: string, name: string) => {
      const table = what === "options" ? optionsMarkdown() : tableOf(name);
      return `<!-- ${what} -->\n${table}\n<!-- end -->`;
    },
  );
}

/** The README's text. */
export const readReadme = (): string => readFileSync(file, "utf8");

function tableOf(name: string): string {
  const result = readResult(name);
  if (result === null)
    throw new Error(`Cannot fill the README as bench/results/${name}.json must exist: received none`);
  return resultTable(result);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(file, withTables(readReadme()));
