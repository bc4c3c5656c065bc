import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runCli } from "../cli/run-cli.ts";

/** Names of all commands, as the help lists them. */
async function commands(): Promise<string[]> {
  const { stdout } = await runCli(["--help"]);
  return [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
}

it("the README lists every command of yf-async", async () => {
  const listed = [...readFileSync("README.md", "utf8").matchAll(/^\| `yf-async ([a-z]+)/gm)].map(
    ([, name]) => name,
  );
  expect(listed.toSorted()).toEqual((await commands()).toSorted());
});

it("the help of every command fits 80 columns", async () => {
  const helps = await Promise.all((await commands()).map((name) => runCli([name, "--help"])));
  for (const { stdout } of helps) {
    const long = stdout.split("\n").filter((line) => line.length > 80);
    expect(long).toEqual([]);
  }
}, 60_000);
