/** RACES.md and the code name the same races, and the tests that show them are there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const races = readFileSync("src/shared/RACES.md", "utf8");
const sections = races.split(/^## /m).slice(1);
const numbers = sections.map((section) => section.split(" ", 1)[0]);

function textsIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
}

test("races are numbered from R1 on, and each says where, what, how much, at which price and which test shows it", () => {
  expect(numbers).toEqual(numbers.map((_, i) => `R${i + 1}`));
  for (const section of sections) {
    const said = [...section.matchAll(/^_(.+)\._ /gm)].map(([, what]) => what);
    expect(said, section.split("\n", 1)[0]).toEqual([
      "Where",
      "Can be lost",
      "Bound",
      "Price of closing",
      "Shown by",
    ]);
  }
});

test("every number of a race in the code is in RACES.md", () => {
  const named = new Set(
    [...textsIn("src").matchAll(/\bR(\d+)\b(?= in RACES|[),:]| covers)/g)].map(([, n]) => `R${n}`),
  );
  for (const number of named) expect(numbers).toContain(number);
});

test("every test that RACES.md names is there", () => {
  const tests = textsIn("test");
  const shown = sections.flatMap(
    (section) => section.slice(section.indexOf("_Shown by._")).match(/"[^"]+"/g) ?? [],
  );
  expect(shown.length).toBeGreaterThan(10);
  for (const name of shown) {
    // Names of tests begin with it, or have more after a placeholder.
    const beginning = name.slice(1, -1).replace(/ \.\.\.$/, "");
    expect(tests.includes(beginning), name).toBe(true);
  }
});
