/** Processes that fight for one folder, and supervised runs whose processes are killed while their clocks disagree. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/checkpoint/checkpoint-file.ts";
import { locateCheckpoint } from "../../src/checkpoint/checkpoint-folder.ts";
import { createRandom } from "../../src/math/random.ts";
import { readMetrics } from "../../src/report/metrics-file.ts";
import { countFrom, keepFigures } from "./figures.ts";

const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "yf-async-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pairs = countFrom("YF_PAIRS", 300);
const kills = countFrom("YF_SUPERVISED_KILLS", 200);
const updates = countFrom("YF_KILL_UPDATES", 40_000);

interface Life {
  readonly code: number | null;
  readonly stderr: string;
}

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Life> {
  const child = spawn(process.execPath, [main, "train", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...environment },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return once(child, "close").then(([code]) => ({ code: code as number | null, stderr }));
}

const run = ["--data", "a6a", "--model", "logistic", "--mode", "serial", "--quiet"];

/** What is in a folder is of one run, and whole. */
function expectOneRun(out: string, made: readonly number[]): void {
  const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) as { updates: number };
  expect(made).toContain(summary.updates);
  const { file } = locateCheckpoint(out);
  expect((readCheckpoint(file).facts as { progress: { updates: number } }).progress.updates).toBe(
    summary.updates,
  );
  const { snapshots } = readMetrics(join(out, "metrics.jsonl"));
  const steps = snapshots.flatMap((snapshot) => snapshot.updates ?? []);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(steps.at(-1)).toBe(summary.updates);
}

describe("two processes and one folder", () => {
  it("one trains, and the other says why it does not, whatever each is asked to do", async () => {
    const random = createRandom(3);
    const counts = { pairs: 0, inUse: 0, exists: 0, oneAfterTheOther: 0 };
    for (; counts.pairs < pairs; counts.pairs++) {
      const out = join(folder, `pair-${counts.pairs}`);
      const kind = (["start", "force", "resume"] as const)[counts.pairs % 3];
      if (kind === "resume") {
        expect(await start([...run, "--updates", "500", "--out", out])).toEqual({ code: 0, stderr: "" });
      }
      const argsOf = (count: number) => {
        const length = ["--updates", `${count}`, "--checkpoint-every", "0.02"];
        if (kind === "resume") return ["--resume", out, "--quiet", ...length];
        return [...run, ...length, "--out", out, ...(kind === "force" ? ["--force"] : [])];
      };
      // Loading their modules takes them about as long, so that they come to the folder at nearly the same moment.
      const first = start(argsOf(3000));
      await sleep(random() < 0.5 ? 20 * random() : 600 * random());
      const lives = await Promise.all([first, start(argsOf(4000))]);
      const codes = lives.map(({ code }) => code);
      const refused = lives.filter(({ code }) => code === 2);
      for (const { stderr } of refused) {
        const inUse = /is being trained by process \d+/.test(stderr);
        const exists = /must not hold/.test(stderr);
        expect([inUse || exists, stderr]).toEqual([true, stderr]);
        counts[inUse ? "inUse" : "exists"]++;
      }
      expect([codes.includes(0), codes.every((code) => code === 0 || code === 2), lives]).toEqual([
        true,
        true,
        lives,
      ]);
      // Where the second came when the first was done, it may overwrite or resume it.
      if (refused.length === 0) {
        expect(kind).not.toBe("start");
        counts.oneAfterTheOther++;
      }
      expectOneRun(out, [3000, 4000]);
      rmSync(out, { recursive: true });
    }
    keepFigures("pairs of processes", { pairs, kinds: ["start", "force", "resume"] }, counts);
    expect(counts.inUse).toBeGreaterThan(0);
  });
});

/** Loaded before everything else: shifts the clock of each process by up to a day to either side, and notes who trains. */
const shiftedClock = `import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
const days = ((process.pid * 2654435761) % 2 ** 32) / 2 ** 31 - 1;
const RealDate = Date;
const now = () => RealDate.now() + Math.round(86_400_000 * days);
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }
  static now() {
    return now();
  }
};
if (isMainThread && !process.argv.includes("--supervise")) appendFileSync(process.env.YF_TEST_PIDS, process.pid + "\\n");
`;

describe.skipIf(process.platform === "win32")("a supervised run whose processes are killed", () => {
  it("comes to its end, however the clocks of its processes differ", async () => {
    const random = createRandom(4);
    const clock = join(folder, "clock.mjs");
    writeFileSync(clock, shiftedClock);
    const counts = { kills: 0, runs: 0, resumed: 0, anew: 0 };
    const mostOfOne = 5;
    for (; counts.kills < kills; counts.runs++) {
      const out = join(folder, `supervised-${counts.runs}`);
      const pids = join(folder, `pids-${counts.runs}`);
      mkdirSync(out);
      const mode = [
        ["--mode", "serial"],
        ["--mode", "hogwild", "--workers", "2"],
      ][counts.runs % 2];
      const args = [
        "--supervise",
        "--data",
        "a6a",
        "--model",
        "mlp",
        "--batch-size",
        "8",
        "--quiet",
        ...mode,
      ];
      const length = ["--updates", `${updates}`, "--checkpoint-every", "0.05", "--out", out];
      let ended = false;
      const environment = { NODE_OPTIONS: `--import=${pathToFileURL(clock)}`, YF_TEST_PIDS: pids };
      const life = start([...args, ...length], environment).finally(() => {
        ended = true;
      });
      const trained = () =>
        existsSync(pids) ? readFileSync(pids, "utf8").trim().split("\n").map(Number) : [];
      const checkpoints = () => {
        const place = join(out, "checkpoints");
        return existsSync(place)
          ? readdirSync(place)
              .filter((name) => name.endsWith(".ckpt"))
              .join()
          : "";
      };
      for (let killed = 0; killed < mostOfOne && counts.kills < kills; ) {
        while (!ended && trained().length <= killed) await sleep(5);
        const before = checkpoints();
        // Most are killed once they have saved something; the others while they start.
        const waits = random() < 0.85;
        while (waits && !ended && checkpoints() === before) await sleep(2);
        await sleep((waits ? 100 : 1000) * random());
        const pid = trained().at(killed);
        if (ended || pid === undefined) break;
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It came to its end meanwhile.
          break;
        }
        killed++;
        counts.kills++;
      }
      const { code, stderr } = await life;
      counts.resumed += stderr.split("it resumes from").length - 1;
      counts.anew += stderr.split("it restarts from the beginning").length - 1;
      expect([code, stderr]).toEqual([0, stderr]);
      expectOneRun(out, [updates]);
      rmSync(out, { recursive: true });
    }
    keepFigures("supervised processes", { kills, updates, clockDays: 1 }, counts);
    expect(counts.resumed).toBeGreaterThan(0);
  });
});
