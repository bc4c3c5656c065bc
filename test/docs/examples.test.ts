/**
 * Runs every TypeScript block of the README and every `@example` of the source as a program of its own.
 *
 * In a block, `expression; // → value` is an assertion. Blocks import from "yf-async" as a user would, except
 * those of modules that are not public, which may use the names that their own file exports.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";

const root = new URL("../..", import.meta.url).pathname;
const folder = join(root, "dist", "doc-examples");

interface Example {
  readonly place: string;
  readonly code: string;
}

const blocks = (text: string): { code: string; line: number }[] =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    code: match[1] as string,
    line: text.slice(0, match.index).split("\n").length,
  }));

function readmeExamples(): Example[] {
  const text = readFileSync(join(root, "README.md"), "utf8");
  return blocks(text).map(({ code, line }) => ({ place: `README.md:${line}`, code }));
}

function sourceExamples(): Example[] {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("assembly"))
    .map((file) => join("src", file));
  return files.flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8")
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, ""))
      .join("\n");
    const module = `../${file.replace(/\.ts$/, ".js")}`;
    return blocks(lines).map(({ code, line }) => ({
      place: `${file}:${line}`,
      code: code.includes("import ")
        ? code
        : `import * as own from "${module}";\nconst {${namesUsed(code, file)}} = own;\n${code}`,
    }));
  });
}

/** The exported names of `file` that the block mentions. */
function namesUsed(code: string, file: string): string {
  const text = readFileSync(join(root, file), "utf8");
  const exported = [...text.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(
    (match) => match[1],
  );
  return exported.filter((name) => new RegExp(`\\b${name}\\b`).test(code)).join(", ");
}

/** `expression; // → value` becomes an assertion; the rest stays as it is. */
function withAssertions(code: string): string {
  const asserted = code
    .replace(
      /^(?!\s*(?:const|let|import)\b)(.*?);?\s*\/\/ → (.*)$/gm,
      (_, expression, value) => `deepStrictEqual(${expression}, ${value});`,
    )
    .replace(
      /^(.*\S)\n\s*\/\/ → (.*)$/gm,
      (_, expression, value) => `deepStrictEqual(${expression.replace(/;$/, "")}, ${value});`,
    );
  return `import { deepStrictEqual } from "node:assert/strict";\nvoid deepStrictEqual;\n${asserted}`;
}

const examples = [...readmeExamples(), ...sourceExamples()];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the README and the public docstrings contain examples", () => {
  expect(examples.length).toBeGreaterThan(3);
});

test.concurrent.each(examples.map((example) => [relative(".", example.place), example] as const))(
  "the example at %s runs as it stands",
  async (place, { code }) => {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${place.replace(/\W+/g, "-")}.js`);
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
    writeFileSync(file, ts.transpileModule(withAssertions(code), { compilerOptions: options }).outputText);
    await promisify(execFile)(process.execPath, [file], { cwd: root, timeout: 120_000 });
  },
  130_000,
);
