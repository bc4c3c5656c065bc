import { expect, it } from "vitest";
import { readReadme, withTables } from "../../bench/readme-tables.ts";

it("the tables of the README are those of the option table and of the committed results (npm run readme)", () => {
  const readme = readReadme();
  expect(readme.match(/<!-- result: /g)?.length).toBeGreaterThan(3);
  expect(withTables(readme)).toBe(readme);
});
