import { expect, it } from "vitest";
import { pages, readPage, withTables } from "../../bench/readme-tables.ts";

it.each(pages)(
  "the tables of %s are those of the option table and of the committed results (npm run readme)",
  (page) => {
    const text = readPage(page);
    expect(text.match(/<!-- result: /g)?.length).toBeGreaterThan(1);
    expect(withTables(text)).toBe(text);
  },
);
