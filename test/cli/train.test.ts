/** The command as a user runs it, for a few updates only: in a process of its own where it ends by itself, by a signal or by a fault. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";
import { readMetrics } from "../../src/report/metrics-file.ts";
import { readSafetensors } from "../../src/report/safetensors.ts";
import type { Summary } from "../../src/report/summary.ts";
import { mainFile, runCli, runInProcess } from "./run-cli.ts";

/** What a run leaves in its folder. */
const written = [
  "checkpoints",
  "group1-shard1of1.bin",
  "metrics.jsonl",
  "model.json",
  "model.onnx",
  "report.html",
  "summary.json",
  "weights.safetensors",
];

const folder = mkdtempSync(join(tmpdir(), "yf-async-train-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("yf-async train", () => {
  it("writes metrics, summary and weights, which evaluate reads back", async () => {
    const out = join(folder, "run");
    const run = await runCli(["train", "--workers", "2", "--updates", "150", "--out", out, "--json"]);
    expect(run.code).toBe(0);
    const summary = JSON.parse(run.stdout.trim().split("\n").at(-1) as string);
    expect(summary).toMatchObject({
      updates: 150,
      workers: 2,
      mode: "hogwild",
      optimizer: "auto",
      engine: "ort",
      device: "cpu",
    });
    expect(readdirSync(out).sort()).toEqual(written);
    const workingFolder = relative(out, process.cwd());
    expect(JSON.parse(readFileSync(join(out, "summary.json"), "utf8"))).toEqual({
      ...summary,
      workingFolder,
    });
    expect(readMetrics(join(out, "metrics.jsonl")).snapshots.at(-1)).toMatchObject({
      updates: 150,
      testAccuracy: summary.testAccuracy,
    });
    expect(readSafetensors(join(out, "weights.safetensors")).map(({ shape }) => shape)).toEqual([
      [5, 5, 1, 10],
      [10],
      [5, 5, 10, 20],
      [20],
      [320, 50],
      [50],
      [50, 10],
      [10],
    ]);

    const again = await runInProcess(["train", "--updates", "1", "--out", out]);
    expect(again.code).toBe(2);
    const evaluation = await runInProcess(["evaluate", out, "--json"]);
    expect(evaluation.code).toBe(0);
    const { testAccuracy, testLoss } = JSON.parse(evaluation.stdout);
    expect(testAccuracy).toBe(summary.testAccuracy);
    expect(testLoss).toBe(summary.testLoss);

    const inspected = await runInProcess(["inspect", out, "--json"]);
    expect(JSON.parse(inspected.stdout)).toMatchObject({
      format: 1,
      commandLine: { updates: "150", workers: "2" },
      progress: { updates: 150 },
    });
    const checkpoint = join(out, "checkpoints", "000000000150.ckpt");
    const { stdout } = await runInProcess(["inspect", checkpoint]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      `Checkpoint       ${checkpoint}`,
      "Format           version 1",
    ]);

    // The saved model can be trained further.
    const next = join(folder, "next");
    const model = join(out, "model.json");
    const onward = await runInProcess(["train", "--model", model, "--updates", "2", "--out", next, "--json"]);
    expect(JSON.parse(onward.stdout)).toMatchObject({ updates: 2, model });
    expect((await runInProcess(["evaluate", next, "--json"])).code).toBe(0);
  }, 60_000);

  it("gives the same weights for the same seed in serial mode, and others for another", async () => {
    const weights = async (name: string, ...args: string[]) => {
      const out = join(folder, name);
      await runInProcess(["train", "--model", "mlp", "--updates", "20", "--quiet", "--out", out, ...args]);
      return readFileSync(join(out, "weights.safetensors"));
    };
    const serial = await weights("a", "--mode", "serial");
    expect(await weights("b", "--workers", "1")).toEqual(serial);
    expect(await weights("c", "--mode", "serial", "--seed", "2")).not.toEqual(serial);
  }, 60_000);

  it("prints plain lines of progress where there is no terminal, and nothing with --quiet", async () => {
    const loud = await runCli(["train", "--workers", "3", "--updates", "20", "--model", "logistic"]);
    expect(loud.stderr).toMatch(/^Training logistic on mnist with auto, 3 workers, hogwild\n/);
    expect(loud.stderr).toMatch(/\nepoch 0\.02: test accuracy \d\d?\.\d\d%\n/);
    expect(loud.stderr).not.toContain("\x1b");
    expect(loud.stdout).toMatch(/^Test accuracy +\d/);
    const quiet = await runInProcess(["train", "--updates", "20", "--model", "logistic", "--quiet"]);
    expect(quiet).toMatchObject({ code: 0, stderr: "" });
  }, 60_000);

  it("saves on Ctrl-C and says how to resume", async () => {
    const out = join(folder, "interrupted");
    let sent = false;
    const { code, stderr, stdout } = await runCli(
      ["train", "--model", "logistic", "--epochs", "1000000", "--eval-every", "0.1", "--out", out],
      (text, kill) => {
        if (sent || !text.includes("test accuracy")) return;
        sent = true;
        kill("SIGINT");
      },
    );
    expect(code).toBe(130);
    expect(stdout).toMatch(/Ended by +a request to stop/);
    expect(stderr).toContain(`yf-async evaluate ${out}`);
    expect(readdirSync(out).sort()).toEqual(written);
  }, 60_000);

  it("leaves the folder of a run as it was when it refuses to resume it", async () => {
    const [out, other] = ["refused", "foreign"].map((name) => join(folder, name));
    const data = join(folder, "points.csv");
    const rows = (last: number) =>
      Array.from({ length: 64 }, (_, i) => `${i % 4},${i % 3},${i === 63 ? last : i % 2}`);
    writeFileSync(data, rows(1).join("\n"));
    const options = ["--data", data, "--model", "mlp", "--workers", "1", "--updates", "20", "--quiet"];
    for (const place of [out, other]) {
      expect(await runInProcess(["train", ...options, "--out", place])).toMatchObject({ code: 0 });
      // What was told of after the newest checkpoint, and a line that was cut off.
      appendFileSync(join(place, "metrics.jsonl"), '{"updates":25}\n{"upda');
    }
    const contents = () =>
      [out, other].flatMap((place) =>
        readdirSync(place, { recursive: true, encoding: "utf8" })
          .sort()
          .filter((name) => statSync(join(place, name)).isFile())
          .map((name) => `${crc32(readFileSync(join(place, name)))} ${name}`),
      );
    const before = contents();
    const refuse = async (reason: string, ...args: readonly string[]) => {
      const { code, stderr } = await runInProcess(["train", "--resume", out, "--updates", "30", ...args]);
      expect(stderr).toContain(reason);
      expect(code).toBe(2);
      expect(contents()).toEqual(before);
    };
    await refuse("--seed must be as in its run", "--seed", "2");
    await refuse("--model must be as in its run", "--model", "logistic");
    await refuse("a resumed run must use its own folder or a new one", "--out", other);
    await refuse("must not be combined with --resume into the same folder", "--force");
    writeFileSync(data, rows(0).join("\n"));
    await refuse("the data must be that of its run");
    writeFileSync(data, rows(1).join("\n"));
    const resumed = await runInProcess(["train", "--resume", out, "--updates", "30", "--quiet"]);
    expect(resumed).toMatchObject({ code: 0, stderr: "" });
    const { snapshots } = readMetrics(join(out, "metrics.jsonl"));
    expect(snapshots.map(({ updates }) => updates)).toEqual([20, 30]);
  }, 60_000);

  it("says how to resume where checkpoints lie elsewhere, or are not written", async () => {
    const [out, checkpoints] = ["there", "else where, at O'Hara's"].map((name) => join(folder, name));
    const endless = ["--model", "logistic", "--epochs", "1000000", "--eval-every", "0.1"];
    const interrupted = (...args: readonly string[]) => {
      let sent = false;
      return runCli(["train", ...endless, ...args], (text, kill) => {
        // A second signal would end the process at once.
        if (!sent && text.includes("test accuracy")) kill("SIGTERM");
        sent ||= text.includes("test accuracy");
      });
    };
    const both = await interrupted("--out", out, "--checkpoint-dir", checkpoints);
    expect(both.code).toBe(143);
    const quoted = `'${checkpoints.replaceAll("'", "'\\''")}'`;
    const how = `yf-async train --resume ${quoted} --out ${out} resumes it, yf-async evaluate ${out} tests`;
    expect(both.stderr).toContain(how);
    expect(spawnSync("sh", ["-c", `printf %s ${quoted}`], { encoding: "utf8" }).stdout).toBe(checkpoints);
    const again = ["train", "--resume", checkpoints, "--out", out, "--updates", "1", "--quiet"];
    const { code, stderr } = await runInProcess(again);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The run had made \d+ updates already and ends after 1, so it trains no further/);
    const none = await interrupted("--out", `${out}-2`, "--keep", "0");
    expect(none.stderr).toMatch(/\(epoch [\d.]+\)\. yf-async evaluate \S+ tests the weights\.\n$/);
    expect((await interrupted()).stderr).toMatch(/Nothing was saved: give --out DIR to keep the run\.\n$/);
  }, 60_000);

  it("says how to resume a run that failed, and nothing where it left no checkpoint", async () => {
    const out = join(folder, "failed");
    const hint = `yf-async train --resume ${out} resumes from its newest checkpoint.\n`;
    const dying = join(folder, "dying.cjs");
    // Threads read the clock in every update.
    writeFileSync(
      dying,
      `const { isMainThread } = require("node:worker_threads");
      const now = performance.now.bind(performance);
      let left = isMainThread ? Infinity : 400;
      const value = () => { if (--left < 0) throw new Error("out of luck"); return now(); };
      Object.defineProperty(performance, "now", { value });`,
    );
    const deadly = { NODE_OPTIONS: `--require ${dying}` };
    const run = ["train", "--model", "logistic", "--workers", "2", "--epochs", "1000", "--quiet", "--json"];
    const failed = await runCli([...run, "--max-faults", "2", "--out", out], undefined, deadly);
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(/^Cannot continue training: .* \(got "out of luck"\)\nyf-async .*\n$/);
    expect(failed.stderr.endsWith(hint)).toBe(true);
    const onward = ["--resume", out, "--epochs", "0.5", "--quiet"];
    expect(await runInProcess(["train", ...onward])).toMatchObject({ code: 0, stderr: "" });
    // Refused: the checkpoints are those of another run.
    const refused = await runInProcess([...run, "--out", out]);
    expect(refused.stderr).toMatch(/^Cannot write to --out .*\n$/);
    const unsaved = await runCli([...run, "--max-faults", "2"], undefined, deadly);
    expect(unsaved.stderr).toMatch(/^Cannot continue training: .*\n$/);
  }, 60_000);

  it("is repeated by replay, which leaves checkpoints that lie elsewhere as they are", async () => {
    const [out, checkpoints] = ["recorded", "of-recorded"].map((name) => join(folder, name));
    const places = ["--out", out, "--checkpoint-dir", checkpoints, "--record"];
    const run = ["train", "--model", "logistic", "--workers", "2", "--updates", "30", "--quiet", "--json"];
    expect(await runInProcess([...run, ...places])).toMatchObject({ code: 0, stderr: "" });
    const before = readdirSync(checkpoints);
    const repeated = async (threads: string) => {
      const result = await runInProcess(["replay", out, "--workers", threads, "--quiet", "--json"]);
      expect(result).toMatchObject({ code: 0, stderr: "" });
      return JSON.parse(result.stdout) as Summary;
    };
    const { mode, testLoss, updates } = await repeated("1");
    expect({ mode, updates }).toEqual({ mode: "replay", updates: 30 });
    expect((await repeated("2")).testLoss).toBe(testLoss);
    expect(readdirSync(checkpoints)).toEqual(before);
  }, 60_000);

  it("says how to resume a run that diverged after a checkpoint", async () => {
    const [data, out] = ["numbers.csv", "diverged"].map((name) => join(folder, name));
    writeFileSync(
      data,
      Array.from({ length: 64 }, (_, i) => `${i % 4},${i % 3},${1.5 * (i % 5) + 0.5}`).join("\n"),
    );
    // The largest curvature is about 10, and more than 2 / 10 too long a step.
    const run = ["--model", "logistic", "--loss", "meanSquaredError", "--optimizer", "sgd"];
    const options = ["--learning-rate", "0.3", "--workers", "1", "--max-rollbacks", "0", "--quiet"];
    const begun = await runInProcess([
      ...["train", "--data", data, ...run, ...options],
      ...["--updates", "5", "--out", out],
    ]);
    expect(begun).toMatchObject({ code: 0, stderr: "" });
    const { code, stderr } = await runInProcess(["train", "--resume", out, "--updates", "5000"]);
    expect(stderr).toMatch(/Cannot continue training: loss and gradient must be finite /);
    expect(stderr.endsWith(`\nyf-async train --resume ${out} resumes from its newest checkpoint.\n`)).toBe(
      true,
    );
    expect(code).toBe(1);
  }, 60_000);

  it.skipIf(process.platform === "win32")(
    "trains on where its folder takes little, keeps what is whole, and fails in the end (where a shell can limit files)",
    async () => {
      const out = join(folder, "full");
      const run = ["train", "--model", "logistic", "--workers", "2", "--updates", "200", "--out", out];
      // No file may have more than a block.
      const limited = [
        "-c",
        'trap "" XFSZ; ulimit -f 1; exec "$@"',
        "sh",
        process.execPath,
        mainFile,
        ...run,
      ];
      const { status, stderr, stdout } = spawnSync("sh", limited, { encoding: "utf8" });
      expect(stdout).toMatch(/^Test accuracy +\d/);
      expect(stderr).toMatch(/\nCannot write \S+metrics.jsonl: .*EFBIG: .*; training continues\n/);
      expect(stderr).toMatch(
        /\nCannot write \S+ckpt: .*; training continues, and the newest checkpoint is kept\n/,
      );
      for (const name of ["weights.safetensors", "report.html", "model.onnx"]) {
        expect(stderr).toMatch(
          new RegExp(`\\nCannot write \\S+${name}: its folder must exist and take data \\(got `),
        );
        expect(existsSync(join(out, name))).toBe(false);
      }
      expect(status).toBe(1);
      // After what was read, the checkpoint that could not be written was told of first.
      expect(readMetrics(join(out, "metrics.jsonl")).events[1]).toMatchObject({ event: "warning" });
    },
    60_000,
  );

  it("is stopped by its dashboard, in order, and leaves a file for TensorBoard", async () => {
    const out = join(folder, "watched");
    let stopping: Promise<unknown> | null = null;
    const options = [
      "--model",
      "logistic",
      "--epochs",
      "100000",
      "--dashboard",
      "0",
      "--tensorboard",
      "--out",
      out,
    ];
    const { code, stdout } = await runCli(["train", ...options], (text) => {
      const url = /Dashboard at (\S+)\n/.exec(text)?.[1];
      if (url === undefined) return;
      stopping ??= fetch(`${url}stop`, { method: "POST", headers: { Origin: url.slice(0, -1) } });
    });
    expect((await stopping) as unknown as Response).toMatchObject({ status: 204 });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Ended by +a request to stop/);
    expect(readdirSync(out).filter((name) => name.startsWith("events.out.tfevents."))).toHaveLength(1);
  }, 60_000);

  it("says once what more workers than cores cost", async () => {
    const args = ["train", "--workers", "3", "--updates", "1", "--model", "logistic"];
    vi.stubEnv("YF_ASYNC_CORES", "2");
    const { stderr } = await runInProcess(args);
    vi.unstubAllEnvs();
    expect(stderr.match(/3 workers share 2 cores/g)).toHaveLength(1);
  }, 60_000);
});
