/** What happens to a run from outside: other processes in its folders, signals, checkpoints of strangers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { readCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint-file.ts";
import { locateCheckpoint } from "../../src/checkpoint/checkpoint-folder.ts";
import { FolderLock } from "../../src/checkpoint/folder-lock.ts";
import { catchInterrupts } from "../../src/cli/interrupts.ts";
import { exitCodeOf } from "../../src/cli/signals.ts";
import type { CheckpointFacts } from "../../src/resume/checkpointer.ts";
import { temporaryFolder } from "../data/folder.ts";
import { mainFile, runCli, runInProcess } from "./run-cli.ts";

const points = temporaryFolder("live-run")(
  "points.csv",
  Array.from({ length: 64 }, (_, i) => `${i % 4},${i % 3},${i % 2 === 0 ? "even" : "odd"}`).join("\n"),
);
const root = dirname(points);
const at = (name: string) => join(root, name);

const training = ["train", "--quiet", "--data", points, "--model", "logistic", "--mode", "serial"];

const contents = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file, "latin1")]);

/** The run that all of these are about. */
const out = at("run");
const first = runCli([...training, "--updates", "20", "--out", out, "--tensorboard"]);

describe("a folder that another process trains into", () => {
  it.each([
    ["a new run", [...training, "--out", out]],
    ["--force", [...training, "--out", out, "--force"]],
    ["--resume", ["train", "--resume", out]],
    ["--supervise", [...training, "--supervise", "--out", out, "--force"]],
  ])("refuses %s, names the process and stays as it is", async (_, args) => {
    await first;
    const lock = FolderLock.take(out);
    try {
      const before = contents(out);
      const run = args.includes("--supervise") ? runCli : runInProcess;
      const { code, stderr, stdout } = await run(args);
      expect(stderr).toMatch(
        new RegExp(`^Cannot write to ${out}: .*trained by process ${process.pid} since 20.*\n$`),
      );
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(contents(out)).toEqual(before);
    } finally {
      lock.release();
    }
  });
});

describe("a checkpoint of somebody else", () => {
  /** The run's checkpoint in a folder of its own, with other options in its head. */
  async function received(name: string, options: CheckpointFacts["commandLine"]): Promise<string> {
    await first;
    const { facts, sections } = readCheckpoint(locateCheckpoint(out).file);
    const { commandLine, ...others } = facts as CheckpointFacts;
    mkdirSync(at(name));
    const file = join(at(name), "000000000020.ckpt");
    await writeCheckpoint(file, {
      facts: { ...others, commandLine: { ...commandLine, ...options } },
      sections,
    });
    return file;
  }

  it("says what is computed, but not where it is written, what is served, and by what process", async () => {
    const file = await received("places", {
      out: at("stolen"),
      checkpointDir: at("stolen-checkpoints"),
      dashboard: "0",
      tensorboard: true,
      supervise: true,
      json: true,
    });
    const { code, stderr, stdout } = await runCli(["train", "--resume", file, "--updates", "30", "--quiet"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Updates +30/m) });
    expect(stderr).not.toContain("http://");
    for (const flag of ["--out", "--dashboard", "--tensorboard", "--supervise"]) {
      expect(stderr.split("\n")[0]).toContain(flag);
    }
    expect(existsSync(at("stolen"))).toBe(false);
    expect(existsSync(at("stolen-checkpoints"))).toBe(false);
    // It continues beside the checkpoint, whose folder was named.
    expect(readdirSync(at("places"))).toEqual(["000000000020.ckpt", "000000000030.ckpt"]);
  });

  it("runs no code that is not named on the command line", async () => {
    const module = at("theirs.mjs");
    writeFileSync(
      module,
      `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(at("ran"))}, "");\n`,
    );
    const file = await received("code", { model: module });
    const refused = await runInProcess(["train", "--resume", file, "--updates", "30"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(`--model ${module}`);
    expect(existsSync(at("ran"))).toBe(false);
    expect(readdirSync(at("code"))).toEqual(["000000000020.ckpt"]);
    await runInProcess(["train", "--resume", file, "--updates", "30", "--model", module]);
    expect(existsSync(at("ran"))).toBe(true);
  });
});

describe.skipIf(process.platform === "win32")("signals", () => {
  /** Sends this process a signal and waits until it has come. */
  async function send(name: NodeJS.Signals): Promise<void> {
    const came = once(process, name);
    process.kill(process.pid, name);
    await came;
  }

  // 128 + the number of the signal; numbers as on Linux.
  it.skipIf(process.platform !== "linux").each([
    ["SIGHUP", 129],
    ["SIGUSR1", 138],
    ["SIGUSR2", 140],
    ["SIGXCPU", 152],
  ] as const)("%s asks the run to end, as often as it comes, with exit code %i", async (name, exitCode) => {
    const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
    const interrupts = catchInterrupts("now", false);
    await send(name);
    await send(name);
    expect(interrupts.signal.aborted).toBe(true);
    expect(interrupts.exitCode).toBe(exitCode);
    // A batch system follows it up with SIGTERM, and the run is still saving.
    await send("SIGTERM");
    expect(exit).not.toHaveBeenCalled();
    expect(interrupts.exitCode).toBe(exitCode);
    await send("SIGINT");
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
    interrupts.release();
    exit.mockRestore();
  });

  it("SIGHUP is nothing to a run that outlives its terminal, from its first moment on", async () => {
    const interrupts = catchInterrupts("listen", true);
    await send("SIGHUP");
    interrupts.listen();
    await send("SIGHUP");
    expect(interrupts.signal.aborted).toBe(false);
    interrupts.release();
  });

  /** A run that trains until it is told to end, and what it had to say. */
  async function signalled(
    command: string,
    args: readonly string[],
    name: NodeJS.Signals,
    more: readonly string[] = [],
  ) {
    const child = spawn(
      command,
      [...args, ...training, "--seconds", "60", "--checkpoint-every", "0.2", ...more],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const exited = once(child, "close");
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    const folder = more[more.indexOf("--out") + 1];
    await vi.waitUntil(
      () =>
        existsSync(join(folder, "checkpoints")) &&
        readdirSync(join(folder, "checkpoints")).some((file) => file.endsWith(".ckpt")),
      60_000,
    );
    child.kill(name);
    return { child, exited, stderr: () => stderr };
  }

  it("SIGUSR1 ends a run in order, saved, and opens no debugger", async () => {
    const { exited, stderr } = await signalled(process.execPath, [mainFile], "SIGUSR1", [
      "--out",
      at("usr1"),
    ]);
    expect((await exited)[0]).toBe(exitCodeOf("SIGUSR1"));
    expect(stderr()).toMatch(/^Interrupted after [\d,]+ updates/);
    expect(existsSync(join(at("usr1"), "summary.json"))).toBe(true);
    expect(existsSync(join(at("usr1"), "run.lock"))).toBe(false);
  });

  it.skipIf(process.platform !== "linux")("SIGHUP under nohup ends nothing", async () => {
    const { child, exited } = await signalled(
      "sh",
      ["-c", 'exec env _=/usr/bin/nohup "$@"', "sh", process.execPath, mainFile],
      "SIGHUP",
      ["--out", at("nohup")],
    );
    child.kill("SIGTERM");
    expect((await exited)[0]).toBe(143);
  });
});
