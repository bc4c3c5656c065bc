import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { resultsDirectory, root } from "../../bench/harness/places.ts";
import { picture, pictureNames } from "../../bench/readme-pictures.ts";
import { pages, readPage, withTables } from "../../bench/readme-tables.ts";

it.each(pages)(
  "the tables of %s are those of the option table and of the committed results (npm run readme)",
  (page) => {
    const text = readPage(page);
    expect(text).toMatch(/<!-- (headlines|options|result: [\w-]+) -->/);
    expect(withTables(text)).toBe(text);
  },
);

it.each(pictureNames)("%s is drawn from the committed result (npm run readme)", (name) => {
  expect(picture(name)).toBe(readFileSync(new URL(name, resultsDirectory), "utf8"));
});

it.each(pages)("every link of %s leads to a file that is there", (page) => {
  const folder = new URL(page, root);
  const targets = [...readPage(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target);
  for (const target of targets) expect(existsSync(new URL(target, folder)), target).toBe(true);
});
