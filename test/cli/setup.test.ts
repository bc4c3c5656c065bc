import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findCudaDriver } from "../../src/ort/cuda-driver.ts";
import type { SetUpResult } from "../../src/setup/set-up.ts";
import { runCli } from "./run-cli.ts";

const cache = mkdtempSync(join(tmpdir(), "yf-async-setup-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const isSupported = process.platform === "linux" && process.arch === "x64";
const hasDriver = isSupported && typeof findCudaDriver() !== "string";

/** Whether a program of the user's machine is there and well. */
const runs = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const hasPip = runs("python3", "-m", "pip", "--version");

const setup = (args: string, environment: Record<string, string> = {}) =>
  runCli(["setup", ...args.split(" ")], undefined, { XDG_CACHE_HOME: cache, ...environment });

describe.runIf(isSupported)("yf-async setup cuda", () => {
  test.skipIf(hasDriver)("names the driver that is missing", async () => {
    const { code, stderr, stdout } = await setup("cuda");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^Cannot set up CUDA: NVIDIA's driver must be installed \(--without-driver prepares a machine that has none\) \(got "libcuda\.so\.1: [^\n]*"\)\n$/,
    );
  });

  test.skipIf(!hasPip)("says in a dry run what it would fetch, and leaves nothing (needs pip)", async () => {
    const { code, stderr, stdout } = await setup("cuda --dry-run --json --without-driver");
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as SetUpResult;
    const folder = join(cache, "yf-async", "cuda");
    expect(result).toMatchObject({ name: "cuda", status: "planned", folder, verified: null });
    const megabytes = result.downloads.reduce((sum, download) => sum + download.megabytes, 0);
    expect(stderr).toContain(`fetches ${(megabytes / 1000).toFixed(1)} GB: onnxruntime-gpu (`);
    expect(stderr).toContain(`keeps them in ${folder}`);
    expect(readdirSync(cache)).toEqual([]);
  });

  test("names Python where it is missing", async () => {
    const { code, stderr } = await setup("cuda --without-driver", { PATH: cache });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'Cannot set up CUDA: what it needs is fetched by python3 with pip (got "spawn python3 ENOENT")\n',
    });
  });
});

const hasTools = hasPip && runs("npm", "--version") && runs("c++", "--version");

describe.runIf(isSupported)("yf-async setup tensorflow", () => {
  test.skipIf(!hasTools)(
    "says in a dry run what it would fetch, and leaves nothing (needs pip and c++)",
    async () => {
      const { code, stderr, stdout } = await setup("tensorflow --dry-run --json", {
        YF_ASYNC_TENSORFLOW: "",
      });
      expect({ code, entries: readdirSync(cache) }).toEqual({ code: 0, entries: [] });
      const folder = join(cache, "yf-async", "tensorflow");
      expect(JSON.parse(stdout)).toMatchObject({
        name: "tensorflow",
        status: "planned",
        folder,
        verified: null,
      });
      expect(stderr).toBe(
        `fetches 290 MB: @tensorflow/tfjs-node (60 MB), tensorflow-cpu (230 MB)\nkeeps them in ${folder}; takes 1.6 GB of disk meanwhile\n`,
      );
    },
  );

  test.skipIf(hasDriver)("names the driver that is missing for graphics processors", async () => {
    const { code, stderr } = await setup("tensorflow --gpu");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Cannot set up TensorFlow: NVIDIA's driver must be installed [^\n]*\n$/);
  });

  test.skipIf(!hasPip)("names the compiler that is missing (needs pip)", async () => {
    const environment = { YF_ASYNC_TENSORFLOW: "", CXX: "no-such-compiler" };
    const { code, stderr } = await setup("tensorflow", environment);
    expect({ code, stderr, entries: readdirSync(cache) }).toEqual({
      code: 1,
      stderr:
        'Cannot set up TensorFlow: its binding is compiled by a C++17 compiler (c++, or the one that the variable CXX names) (got "spawn no-such-compiler ENOENT")\n',
      entries: [],
    });
  });
});
