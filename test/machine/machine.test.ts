import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readControlGroup } from "../../src/machine/control-group.ts";
import { readCores, readMemory, type SystemFacts, usableCores } from "../../src/machine/machine.ts";

const GiB = 2 ** 30;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

/** A root folder with the files given. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "yf-async-machine-"));
  folders.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const system = (files: Readonly<Record<string, string>>, facts: Partial<SystemFacts> = {}): SystemFacts => ({
  models: Array.from({ length: 64 }, () => "Processor"),
  affinity: 64,
  totalBytes: 256 * GiB,
  freeBytes: 200 * GiB,
  given: undefined,
  root: tree(files),
  ...facts,
});

describe("a control group of version 2", () => {
  it("is under the least limit of all groups that it lies in", () => {
    const root = tree({
      "proc/self/cgroup": "0::/jobs/one.slice/step\n",
      "sys/fs/cgroup/jobs/cpu.max": "400000 100000\n",
      "sys/fs/cgroup/jobs/memory.max": `${8 * GiB}\n`,
      "sys/fs/cgroup/jobs/memory.current": `${7 * GiB}\n`,
      "sys/fs/cgroup/jobs/one.slice/cpu.max": "75000 50000\n",
      "sys/fs/cgroup/jobs/one.slice/memory.max": `${4 * GiB}\n`,
      "sys/fs/cgroup/jobs/one.slice/memory.current": `${GiB}\n`,
      "sys/fs/cgroup/jobs/one.slice/step/cpu.max": "max 100000\n",
      "sys/fs/cgroup/jobs/one.slice/step/memory.max": "max\n",
    });
    // 75 ms of every 50 ms are one core and a half; the outer group has 1 GiB of room, the inner one 3.
    expect(readControlGroup(root)).toEqual({
      cores: 1.5,
      memory: { limitBytes: 8 * GiB, usedBytes: 7 * GiB },
    });
  });

  it("is read in the root of a container that sees no more", () => {
    const root = tree({
      "proc/self/cgroup": "0::/\n",
      "sys/fs/cgroup/cpu.max": "250000 100000\n",
      "sys/fs/cgroup/memory.max": `${2 * GiB}\n`,
      "sys/fs/cgroup/memory.current": "4096\n",
    });
    expect(readControlGroup(root)).toEqual({ cores: 2.5, memory: { limitBytes: 2 * GiB, usedBytes: 4096 } });
  });

  it("never leaves the root, whatever path an outer namespace gives", () => {
    const root = tree({
      "proc/self/cgroup": "0::/../../other\n",
      "sys/fs/cgroup/cpu.max": "300000 100000\n",
    });
    expect(readControlGroup(root).cores).toBe(3);
  });
});

describe("a control group of version 1", () => {
  const membership = ["12:memory:/docker/ab12", "4:cpu,cpuacct:/docker/ab12", "1:name=systemd:/", ""].join(
    "\n",
  );

  it("has a quota in a period, -1 for none, and a limit of bytes", () => {
    const root = tree({
      "proc/self/cgroup": membership,
      "sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/cpu,cpuacct/docker/ab12/cpu.cfs_quota_us": "350000\n",
      "sys/fs/cgroup/cpu,cpuacct/docker/ab12/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/docker/ab12/memory.limit_in_bytes": `${3 * GiB}\n`,
      "sys/fs/cgroup/memory/docker/ab12/memory.usage_in_bytes": `${GiB}\n`,
    });
    expect(readControlGroup(root)).toEqual({
      cores: 3.5,
      memory: { limitBytes: 3 * GiB, usedBytes: GiB },
    });
  });

  it("is read at the mount's root where its path is the host's, and under the controller's own name", () => {
    const root = tree({
      "proc/self/cgroup": membership,
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": `${GiB}\n`,
    });
    expect(readControlGroup(root)).toEqual({ cores: 2, memory: { limitBytes: GiB, usedBytes: 0 } });
  });

  it("without limits has none: the largest number of pages stands for no limit", () => {
    const root = tree({
      "proc/self/cgroup": membership,
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    });
    expect(readControlGroup(root)).toEqual({ cores: null, memory: null });
  });
});

describe("readCores()", () => {
  const quota = (text: string) => ({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": text });

  it("takes the machine's where nothing limits them, as on systems without control groups", () => {
    expect(readCores(system({}))).toEqual({ usable: 64, installed: 64, model: "Processor", limit: null });
  });

  it.each([
    ["250000 100000", 2, 2.5],
    ["100000 100000", 1, 1],
    // Less than a core is one core all the same.
    ["20000 100000", 1, 0.2],
  ])("takes the whole cores of the quota %s", (text, usable, cores) => {
    expect(readCores(system(quota(text)))).toMatchObject({ usable, limit: { by: "quota", quota: cores } });
  });

  it("takes the affinity where it is the tighter of the two", () => {
    const cores = readCores(system(quota("800000 100000"), { affinity: 4 }));
    expect(cores).toMatchObject({ usable: 4, installed: 64, limit: { by: "affinity" } });
  });

  it("takes YF_ASYNC_CORES before all else", () => {
    const cores = readCores(system(quota("200000 100000"), { given: "16" }));
    expect(cores).toMatchObject({ usable: 16, installed: 64, limit: { by: "variable" } });
    expect(readCores(system(quota("200000 100000"), { given: "" })).usable).toBe(2);
  });

  it.each(["0", "-1", "1.5", "many", "1025", " 4"])("refuses the value %o of YF_ASYNC_CORES", (given) => {
    expect(() => readCores(system({}, { given }))).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", exitCode: 2, details: { variable: "YF_ASYNC_CORES" } }),
    );
  });

  it("reads this machine: never more than the affinity, and what the variable says at once", () => {
    vi.stubEnv("YF_ASYNC_CORES", "");
    expect(usableCores()).toBeGreaterThanOrEqual(1);
    expect(usableCores()).toBeLessThanOrEqual(availableParallelism());
    vi.stubEnv("YF_ASYNC_CORES", "64");
    expect(usableCores()).toBe(64);
  });
});

describe("readMemory()", () => {
  const limited = (limit: string, used: string) => ({
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/memory.max": limit,
    "sys/fs/cgroup/memory.current": used,
  });

  it("takes the machine's where nothing limits it, or nothing less than all", () => {
    const whole = { usableBytes: 256 * GiB, freeBytes: 200 * GiB, installedBytes: 256 * GiB };
    expect(readMemory(system({}))).toEqual(whole);
    expect(readMemory(system(limited(`${512 * GiB}`, "0")))).toEqual(whole);
  });

  it("takes the limit, and of what is free no more than the limit leaves", () => {
    const memory = readMemory(system(limited(`${4 * GiB}`, `${GiB}`)));
    expect(memory).toEqual({ usableBytes: 4 * GiB, freeBytes: 3 * GiB, installedBytes: 256 * GiB });
    const crowded = system(limited(`${4 * GiB}`, `${GiB}`), { freeBytes: GiB });
    expect(readMemory(crowded).freeBytes).toBe(GiB);
  });
});
