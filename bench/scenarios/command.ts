/** Runs our command line in a process of its own, as a user does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Summary } from "../../src/report/summary.ts";
import { root } from "../harness/places.ts";

const main = fileURLToPath(new URL("dist/src/cli/main.js", root));

export interface CommandRun {
  readonly summary: Summary;
  /** From the start of the process to its end. */
  readonly wallSeconds: number;
}

/** @param args Of `yf-async train`. @throws {Error} With what it said, if it fails. */
export async function trainCommand(args: readonly string[]): Promise<CommandRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [main, "train", "--quiet", "--json", ...args], {
    cwd: fileURLToPath(root),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`yf-async train ${args.join(" ")} ended with ${code}: ${errors.trim()}`);
  return { summary: JSON.parse(output) as Summary, wallSeconds: (performance.now() - began) / 1000 };
}
