/** `yf-async train --supervise`: what follows the end of the process that trains. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { mainFile, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-supervise-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  join(folder, "points.csv"),
  Array.from({ length: 64 }, (_, i) => `${i % 4},${i % 3},${i % 2 === 0 ? "even" : "odd"}`).join("\n"),
);

/** The file of a model whose process runs `code` in the background; `lives` counts processes from 1. */
function modelThat(name: string, code: string): string {
  const tfjs = new URL("../../dist/src/tfjs/tf.js", import.meta.url).href;
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import * as fs from "node:fs";
import { layers } from "${tfjs}";
const count = ${JSON.stringify(join(folder, `${name}.lives`))};
const lives = fs.existsSync(count) ? Number(fs.readFileSync(count)) + 1 : 1;
fs.writeFileSync(count, String(lives));
const out = ${JSON.stringify(join(folder, name))};
const hasCheckpoint = () => fs.existsSync(out + "/checkpoints") && fs.readdirSync(out + "/checkpoints").some((file) => file.endsWith(".ckpt"));
${code}
export const model = ({ inputShape, classes }) =>
  layers.sequential({ layers: [layers.layers.dense({ inputShape, units: classes })] });
`,
  );
  return file;
}

const supervised = (name: string, code: string, ...more: readonly string[]) => [
  ...["train", "--supervise", "--quiet", "--model", modelThat(name, code), "--out", join(folder, name)],
  ...["--data", join(folder, "points.csv"), "--mode", "serial", "--checkpoint-every", "0.01", ...more],
];

const livesOf = (name: string) => Number(readFileSync(join(folder, `${name}.lives`), "utf8"));
const summaryOf = (name: string) =>
  JSON.parse(readFileSync(join(folder, name, "summary.json"), "utf8")) as { updates: number };

const killOnceSaved = `
if (lives <= 2) {
  const timer = setInterval(() => hasCheckpoint() && process.kill(process.pid, lives === 1 ? "SIGKILL" : "SIGSEGV"), 1);
  timer.unref();
}`;

describe.skipIf(process.platform === "win32")("yf-async train --supervise", () => {
  it("resumes from the newest checkpoint when the process is killed or crashes, and ends as the run does", async () => {
    const { code, stderr } = await runCli(supervised("killed", killOnceSaved, "--updates", "6000"));
    expect(stderr).toMatch(/^The run ended by SIGKILL; it resumes from \S+\d{12}\.ckpt in 0.5 s\n/);
    expect(stderr).toMatch(/\nThe run ended by SIGSEGV; it resumes from \S+\d{12}\.ckpt in 0.5 s\n$/);
    expect(code).toBe(0);
    expect(livesOf("killed")).toBe(3);
    expect(summaryOf("killed").updates).toBe(6000);
  });

  it("starts again from another run until its own folder has a checkpoint, and resumes from that", async () => {
    const [from, out] = ["origin", "branch"].map((name) => join(folder, name));
    const code = `
const inside = (...path) => [${JSON.stringify(out)}, ...path].join("/");
const begun = () => fs.existsSync(inside("metrics.jsonl"));
const saved = () => begun() && fs.existsSync(inside("checkpoints")) && fs.readdirSync(inside("checkpoints")).some((file) => file.endsWith(".ckpt"));
// The first life is that of the other run.
const dies = lives === 2 ? begun : lives === 3 ? saved : null;
if (dies !== null) setInterval(() => dies() && process.kill(process.pid, "SIGKILL"), 1).unref();`;
    const first = supervised("origin", code, "--updates", "100").filter((arg) => arg !== "--supervise");
    expect(await runCli(first)).toMatchObject({ code: 0, stderr: "" });
    const options = ["--checkpoint-every", "0.01", "--updates", "6000", "--quiet"];
    const module = ["--model", join(folder, "origin.mjs")];
    const branch = ["train", "--supervise", "--resume", from, "--out", out, ...module, ...options];
    const { code: exitCode, stderr } = await runCli(branch);
    const [anew, memory, onward, ...more] = stderr.trim().split("\n");
    expect(anew).toBe(
      `The run ended by SIGKILL; it resumes from ${join(from, "checkpoints", "000000000100.ckpt")} in 0.5 s`,
    );
    expect(onward).toMatch(
      /^The run ended by SIGKILL; it resumes from \S+branch\/checkpoints\/\d{12}\.ckpt in 0\.5 s$/,
    );
    expect(memory).toMatch(/memory .*--workers .*--batch-size/);
    expect(more).toEqual([]);
    expect(exitCode).toBe(0);
    expect(livesOf("origin")).toBe(4);
    expect(summaryOf("branch").updates).toBe(6000);
    expect(summaryOf("origin").updates).toBe(100);
  });

  it("starts anew where only checkpoints are kept and there is none yet", async () => {
    const kill = `if (lives === 1) process.kill(process.pid, "SIGKILL");`;
    const args = supervised(
      "bare",
      kill,
      "--updates",
      "20",
      "--checkpoint-dir",
      join(folder, "bare-checkpoints"),
    );
    const place = args.indexOf("--out");
    const { code, stderr } = await runCli(args.toSpliced(place, 2));
    expect(stderr).toMatch(
      /^The run ended by SIGKILL; it restarts from the beginning in 0.5 s\n.*memory.*\n$/,
    );
    expect(code).toBe(0);
    expect(livesOf("bare")).toBe(2);
  });

  it("gives up after five ends in a row without a new checkpoint, with the signal's exit code", async () => {
    const { code, stderr } = await runCli(
      supervised("hopeless", `process.kill(process.pid, "SIGKILL");`, "--updates", "20"),
    );
    expect(code).toBe(137);
    expect(stderr).toMatch(/it restarts from the beginning in 0.5 s\n/);
    expect(stderr).toMatch(/\nThe run ended by SIGKILL, 5 times without a new checkpoint: giving up\n$/);
    expect(livesOf("hopeless")).toBe(5);
  }, 120_000);

  it("leaves a run ended that was used wrongly or failed", async () => {
    const wrong = await runCli(["train", "--supervise", "--out", join(folder, "wrong"), "--workers", "0"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Cannot parse --workers: /) });
    const failing = supervised("failing", "", "--updates", "20", "--data", join(folder, "nothing.csv"));
    const failed = await runCli(failing);
    expect(failed.code).toBe(2);
    // The module of a model is read before the data, which its loss says how to take; and no other process followed.
    expect(livesOf("failing")).toBe(1);
    expect(existsSync(join(folder, "failing"))).toBe(false);
  });

  it("hands signals on, so that the run ends in order and nothing follows", async () => {
    let sent = false;
    const args = supervised("stopped", `process.stderr.write("alive");`, "--updates", "1000000000");
    const { code, stderr } = await runCli(args, (text, kill) => {
      if (sent || !text.includes("alive")) return;
      sent = true;
      const wait = setInterval(() => {
        if (!existsSync(join(folder, "stopped", "metrics.jsonl"))) return;
        clearInterval(wait);
        kill("SIGTERM");
      }, 20);
    });
    expect(code).toBe(143);
    expect(stderr).toMatch(/Interrupted after [\d,]+ updates/);
    expect(livesOf("stopped")).toBe(1);
  });

  it("knows its checkpoints whatever the clock says, and keeps them", async () => {
    // As on a file server whose clock is years behind.
    const code = `
if (lives === 1) setInterval(() => {
  if (!hasCheckpoint()) return;
  for (const file of fs.readdirSync(out + "/checkpoints")) if (file.endsWith(".ckpt")) fs.utimesSync(out + "/checkpoints/" + file, 1, 1);
  process.kill(process.pid, "SIGKILL");
}, 1).unref();`;
    const { code: exitCode, stderr } = await runCli(supervised("clocks", code, "--updates", "6000"));
    expect(stderr).toMatch(
      /^The run ended by SIGKILL; it resumes from \S+clocks\/checkpoints\/\d{12}\.ckpt in/,
    );
    expect(exitCode).toBe(0);
    expect(livesOf("clocks")).toBe(2);
  });

  it.skipIf(process.platform !== "linux")(
    "pauses and continues with its parent, and ends in order without it",
    async () => {
      const pidFile = join(folder, "orphan.pid");
      const code = `fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`;
      const parent = spawn(
        process.execPath,
        [mainFile, ...supervised("orphan", code, "--updates", "1000000000")],
        {
          stdio: "ignore",
        },
      );
      const exited = once(parent, "exit");
      await vi.waitUntil(() => existsSync(join(folder, "orphan", "metrics.jsonl")), 60_000);
      const child = readFileSync(pidFile, "utf8");
      const state = () => readFileSync(`/proc/${child}/stat`, "latin1").split(") ")[1][0];
      parent.kill("SIGTSTP");
      await vi.waitUntil(() => state() === "T", 60_000);
      parent.kill("SIGCONT");
      await vi.waitUntil(() => state() !== "T", 60_000);
      parent.kill("SIGKILL");
      await exited;
      await vi.waitUntil(() => existsSync(join(folder, "orphan", "report.html")), 60_000);
      const { stopReason } = JSON.parse(readFileSync(join(folder, "orphan", "summary.json"), "utf8"));
      expect(stopReason).toBe("aborted");
      await vi.waitUntil(() => !existsSync(`/proc/${child}`) || state() === "Z", 60_000);
    },
    120_000,
  );
});
