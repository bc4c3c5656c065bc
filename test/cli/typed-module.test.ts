/** A module in TypeScript as `--model`: what Node.js makes of it is up to its version. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";
import { loss, model } from "./typed-module.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-typed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const module = fileURLToPath(new URL("typed-module.ts", import.meta.url));
const stripsTypes = "typescript" in process.features && process.features.typescript !== false;

function trainTyped() {
  const data = join(folder, "corners.csv");
  writeFileSync(data, Array.from({ length: 32 }, (_, i) => `${i & 1},${i & 2},${i & 1}\n`).join(""));
  const sizes = ["--batch-size", "8", "--updates", "12", "--workers", "1"];
  return runCli(["train", "--model", module, "--data", data, ...sizes, "--json"]);
}

describe("a module in TypeScript", () => {
  it.skipIf(!stripsTypes)("is trained with its own loss where this Node.js strips types", async () => {
    const { code, stderr, stdout } = await trainTyped();
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: module, loss, updates: 12 });
  });

  it.skipIf(stripsTypes)("is refused in one sentence where this Node.js does not strip types", async () => {
    const rule = "this Node.js does not strip types (22.18 or later does; else compile it to JavaScript)";
    expect(await trainTyped()).toEqual({
      code: 2,
      stdout: "",
      stderr: `Cannot use the module ${module}: ${rule} (got "${process.version}")\n`,
    });
  });

  it.skipIf(!stripsTypes).each([
    ["that does not parse", "export const model: number = ;"],
    ["with what is more than types", "enum Kind { One }\nexport const model = Kind;"],
  ])("%s is told from one that throws, where this Node.js strips types", async (_, text) => {
    const file = join(folder, "untyped.ts");
    writeFileSync(file, text);
    const { code, stderr } = await runCli(["train", "--model", file]);
    const rule = `this Node.js must be able to parse it (node ${file} shows where it cannot)`;
    expect(stderr.startsWith(`Cannot use the module ${file}: ${rule} (got "`)).toBe(true);
    expect(code).toBe(2);
  });

  it("is one that compiles, too", () => {
    expect(model({ classes: 2, inputShape: [2] }).countParams()).toBe(6);
  });
});
