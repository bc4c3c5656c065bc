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
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cannot, YfError } from "../../src/errors.ts";
import { findInstallation } from "../../src/install-folder.ts";
import type { Recipe } from "../../src/setup/recipe.ts";
import { runProgram } from "../../src/setup/run-program.ts";
import { setUp } from "../../src/setup/set-up.ts";

const root = mkdtempSync(join(tmpdir(), "yf-async-set-up-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let cache = "";
let place = "";
beforeEach(() => {
  cache = mkdtempSync(join(root, "cache-"));
  place = join(cache, "yf-async");
  vi.stubEnv("XDG_CACHE_HOME", cache);
  vi.stubEnv("YF_ASYNC_CUDA", "");
});
afterEach(() => vi.unstubAllEnvs());

/** Writes one file; what it is given instead takes the place of its own steps. */
function recipe(version: string, steps: Partial<Recipe> = {}): Recipe {
  return {
    name: "cuda",
    title: "a file",
    enables: "--nothing",
    version,
    downloads: [{ name: "the file", megabytes: 1500 }],
    diskMegabytes: 1,
    check: async () => undefined,
    build: async (folder) => writeFileSync(join(folder, "file"), version),
    verify: async (folder) => readFileSync(join(folder, "file"), "utf8"),
    ...steps,
  };
}

function perform(what: Recipe, options: { dryRun?: boolean; signal?: AbortSignal } = {}) {
  const lines: string[] = [];
  const { dryRun = false, signal = new AbortController().signal } = options;
  return { lines, done: setUp(what, { dryRun, signal, tell: (line) => lines.push(line) }) };
}

const fails = async () => {
  throw new YfError("SETUP_FAILED", cannot("set up a file", "must work"), {});
};

describe("setUp()", () => {
  test("builds, tries and keeps; a second time it does nothing", async () => {
    const { done, lines } = perform(recipe("1"));
    const folder = join(place, "cuda");
    expect(await done).toMatchObject({ status: "ready", version: "1", folder, verified: "1" });
    expect(lines[0]).toBe("fetches 1.5 GB: the file (1.5 GB)");
    expect(findInstallation("cuda")).toBe(folder);
    const again = perform(recipe("1", { check: fails, build: fails }));
    expect(await again.done).toMatchObject({ status: "present", folder });
    expect(readdirSync(place)).toEqual(["cuda"]);
  });

  test("puts another version in the place of an old one only when the new one works", async () => {
    await perform(recipe("1")).done;
    await expect(perform(recipe("2", { verify: fails })).done).rejects.toThrow("must work");
    expect(readFileSync(join(place, "cuda", "file"), "utf8")).toBe("1");
    expect(await perform(recipe("2")).done).toMatchObject({ status: "ready" });
    expect(readFileSync(join(place, "cuda", "file"), "utf8")).toBe("2");
    expect(readdirSync(place)).toEqual(["cuda"]);
  });

  test.each(["check", "build", "verify"])("leaves nothing when it fails to %s", async (step) => {
    await expect(perform(recipe("1", { [step]: fails })).done).rejects.toMatchObject({
      code: "SETUP_FAILED",
    });
    expect(findInstallation("cuda")).toBeNull();
    expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
  });

  test("says in one sentence what the system refuses", async () => {
    const build = async (folder: string) => writeFileSync(join(folder, "no", "file"), "");
    await expect(perform(recipe("1", { build })).done).rejects.toThrow(
      /^Cannot set up a file: its files must be written \(got "ENOENT: /,
    );
  });

  test("ends the program that works when it is interrupted, and leaves nothing", async () => {
    const interrupt = new AbortController();
    const build: Recipe["build"] = async (folder, { signal }) => {
      writeFileSync(join(folder, "half"), "");
      const onLine = () => interrupt.abort();
      // Says that it has begun, and would not end for a minute.
      const script = 'console.log("begun"); setTimeout(() => {}, 60_000)';
      await runProgram(process.execPath, ["-e", script], { action: "set up a file", signal, onLine });
    };
    const { done } = perform(recipe("1", { build }), { signal: interrupt.signal });
    await expect(done).rejects.toThrow(/\(got "an interrupt"\)$/);
    expect(readdirSync(place)).toEqual([]);
  });

  test("clears away what a process left that was killed, and not what another one is at", async () => {
    const dead = 2 ** 22 + 1; // above the largest number that Linux gives
    for (const id of [dead, process.ppid]) mkdirSync(join(place, `cuda.partial-${id}`), { recursive: true });
    await perform(recipe("1")).done;
    expect(readdirSync(place).sort()).toEqual(["cuda", `cuda.partial-${process.ppid}`]);
  });

  test("writes nothing in a dry run", async () => {
    expect(await perform(recipe("1", { build: fails }), { dryRun: true }).done).toMatchObject({
      status: "planned",
    });
    expect(readdirSync(cache)).toEqual([]);
  });

  test("names the disk that is missing before it fetches anything", async () => {
    const { done } = perform(recipe("1", { diskMegabytes: 1e12, build: fails }));
    await expect(done).rejects.toThrow(
      /^Cannot set up a file: needs 1000000000\.0 GB of disk in .*yf-async \(got ".* free"\)$/,
    );
  });
});

describe("runProgram()", () => {
  const options = { action: "set up a file", signal: new AbortController().signal };

  test("gives what the program printed", async () => {
    expect(await runProgram(process.execPath, ["-p", "6 * 7"], options)).toBe("42\n");
  });

  test("fails with the program's last words", async () => {
    const script = 'console.error("first\\nout of luck\\n"); process.exit(3)';
    await expect(runProgram(process.execPath, ["-e", script], options)).rejects.toThrow(
      `Cannot set up a file: ${process.execPath} must succeed (got "out of luck")`,
    );
  });
});
