/** What happens when what a command shows is not read, or there is no room for it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { snapshot } from "../report/samples.ts";
import { mainFile } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-readers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line of the shell, in which `yf` is the command. */
function shell(line: string) {
  const yf = `yf() { "${process.execPath}" "${mainFile}" "$@"; }; ${line}`;
  return spawnSync("sh", ["-c", yf], { cwd: folder, encoding: "utf8" });
}

it.skipIf(process.platform === "win32")(
  "a command whose reader has had enough ends without a word (where there is a shell)",
  () => {
    mkdirSync(join(folder, "run"));
    // More than a pipe holds.
    const lines = Array.from({ length: 5000 }, () => `${JSON.stringify(snapshot)}\n`).join("");
    writeFileSync(join(folder, "run", "metrics.jsonl"), lines);
    const { stderr, stdout } = shell("yf export run | head -1");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^seconds,updates,[^\n]*\n$/);
  },
);

it.skipIf(!existsSync("/dev/full"))(
  "a run continues where there is no room for what it shows, and fails for its lost summary (where there is /dev/full)",
  () => {
    const { status } = shell("yf train --model logistic --updates 20 --out kept >/dev/full 2>&1");
    expect(existsSync(join(folder, "kept", "model.onnx"))).toBe(true);
    expect(status).toBe(1);
    expect(shell("yf evaluate kept").status).toBe(0);
  },
  60_000,
);
