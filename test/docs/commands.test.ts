import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runCli } from "../cli/run-cli.ts";

it("the README lists every command of yf-async", async () => {
  const { stdout } = await runCli(["--help"]);
  const commands = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}([a-z]+)/gm)].map(
    ([, name]) => name,
  );
  const listed = [...readFileSync("README.md", "utf8").matchAll(/^\| `yf-async ([a-z]+)/gm)].map(
    ([, name]) => name,
  );
  expect(listed.toSorted()).toEqual(commands.toSorted());
});
