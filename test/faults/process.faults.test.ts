/** Whole processes that are killed at any moment, and disks that are full: what a run comes to in the end. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { readMetrics } from "../../src/report/metrics-file.ts";
import { countFrom, keepFigures } from "./figures.ts";

const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "yf-async-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kills = countFrom("YF_KILLS", 50);
const updates = countFrom("YF_KILL_UPDATES", 40_000);

const common = ["--data", "a6a", "--model", "mlp", "--batch-size", "8", "--updates", `${updates}`, "--quiet"];

interface Life {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Whether it was killed while a checkpoint was being written. */
  readonly writing: boolean;
}

/** Runs the command until its end, or until `kill` has it killed. */
async function live(args: readonly string[], kill: (die: () => void) => Promise<void>): Promise<Life> {
  const child = spawn(process.execPath, [main, "train", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([ended, kill(() => child.kill("SIGKILL"))]);
  const [code, signal] = await ended;
  const checkpoints = checkpointsOf(args[args.indexOf("--out") + 1]);
  const writing = signal !== null && existsSync(checkpoints) && readdirSync(checkpoints).some(isUnfinished);
  return { code, signal, stderr, writing };
}

const checkpointsOf = (out: string) => join(out, "checkpoints");
const isUnfinished = (name: string) => name.endsWith(".tmp");

/** When so many checkpoints, of those from now on, have begun to be written: all but the last are whole then. */
function beginsToWrite(out: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    mkdirSync(checkpointsOf(out), { recursive: true });
    const begun = new Set<string>();
    const watcher = watch(checkpointsOf(out), (_, name) => {
      if (!isUnfinished(`${name}`) || begun.add(`${name}`).size < count) return;
      watcher.close();
      resolve();
    });
    // Of a process that ends before it writes so many.
    setTimeout(() => {
      watcher.close();
      resolve();
    }, 20_000).unref();
  });
}

/** A moment in the life of a process: before its first checkpoint, while it writes a later one, or between two. */
async function anyMoment(out: string, random: () => number): Promise<void> {
  if (random() < 0.15) {
    await sleep(1000 * random());
    return;
  }
  await beginsToWrite(out, 2 + Math.floor(3 * random()));
  await sleep((random() < 0.6 ? 4 : 200) * random());
}

async function cleanRun(args: readonly string[], out: string): Promise<void> {
  const { code, stderr } = await live([...args, "--out", out], () => new Promise(() => undefined));
  expect(stderr).toBe("");
  expect(code).toBe(0);
}

const summaryOf = (out: string) =>
  JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) as { updates: number; epochs: number };

describe("a process that is killed at any moment", () => {
  it.each([
    ["--mode", "serial"],
    ["--mode", "random-worker", "--workers", "2", "--simulate-workers", "4"],
    ["--mode", "hogwild", "--workers", "2"],
  ])("resumes from its newest checkpoint to the end that it would have had: %s %s %s %s", async (...mode) => {
    const random = createRandom(1);
    const counts = { kills: 0, whileWriting: 0, runs: 0, fromCheckpoint: 0 };
    const most = Math.ceil(kills / 3);
    for (let seed = 1; counts.kills < most; seed++) {
      const args = [...common, ...mode, "--seed", `${seed}`, "--checkpoint-every", "0.05"];
      const out = join(folder, `${mode[1]}-${seed}`);
      for (let done = false; !done; ) {
        const begun =
          existsSync(checkpointsOf(out)) &&
          readdirSync(checkpointsOf(out)).some((name) => name.endsWith(".ckpt"));
        if (begun) counts.fromCheckpoint++;
        const how = begun ? ["--resume", out] : ["--force"];
        const enough = counts.kills >= most;
        const { code, signal, stderr, writing } = await live([...args, ...how, "--out", out], async (die) => {
          if (enough) await new Promise(() => undefined);
          await anyMoment(out, random);
          die();
        });
        // Nothing is ever said but by a run that ends.
        expect(stderr).toBe("");
        if (signal === null) expect(code).toBe(0);
        else counts.kills++;
        if (writing) counts.whileWriting++;
        done = signal === null;
      }
      counts.runs++;
      expect(counts.fromCheckpoint).toBeGreaterThan(0);
      expect(summaryOf(out)).toMatchObject({ updates });
      if (mode[1] === "hogwild") {
        expect(summaryOf(out).epochs).toBe((updates * 8) / 11_220);
      } else {
        const clean = `${out}-clean`;
        await cleanRun([...common, ...mode, "--seed", `${seed}`], clean);
        const weights = (place: string) => readFileSync(join(place, "weights.safetensors"));
        expect(weights(out).equals(weights(clean))).toBe(true);
      }
      rmSync(out, { recursive: true, force: true });
    }
    keepFigures(`processes killed: ${mode[1]}`, { updates, checkpointEvery: 0.05 }, counts);
  });
});

const mountPoint = join(folder, "small-disk");
mkdirSync(mountPoint);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", mountPoint]).status === 0;
afterAll(() => {
  if (mounted) execFileSync("umount", [mountPoint]);
});

describe("a disk that is full", () => {
  it.skipIf(!mounted)(
    "costs a warning and keeps the newest good checkpoint (where this user can mount a tmpfs)",
    async () => {
      const checkpoints = join(mountPoint, "checkpoints");
      const args = [...common, "--mode", "serial", "--checkpoint-dir", checkpoints, "--keep", "1"];
      const out = join(folder, "full");
      const { code } = await live([...args, "--checkpoint-every", "0.05", "--out", out], async () => {
        while (!existsSync(checkpoints) || !readdirSync(checkpoints).some((name) => name.endsWith(".ckpt")))
          await sleep(20);
        // Nothing fits any more.
        try {
          for (let i = 0; ; i++) writeFileSync(join(mountPoint, `filler-${i}`), Buffer.alloc(2 ** 20));
        } catch {
          // Full.
        }
        await new Promise(() => undefined);
      });
      expect(code).toBe(0);
      expect(summaryOf(out)).toMatchObject({ updates });
      for (let i = 0; existsSync(join(mountPoint, `filler-${i}`)); i++)
        rmSync(join(mountPoint, `filler-${i}`));
      const inspected = spawnSync(
        process.execPath,
        [main, "train", "--resume", checkpoints, ...args, "--out", `${out}-again`, "--quiet"],
        { encoding: "utf8" },
      );
      expect(inspected.stderr).toBe("");
      expect(inspected.status).toBe(0);
      const warnings = readMetrics(join(out, "metrics.jsonl")).events.filter(
        ({ event }) => event === "warning",
      );
      expect(warnings.length).toBeGreaterThan(0);
      keepFigures("disk full", { updates }, { code, warnings: warnings.length });
    },
  );
});
