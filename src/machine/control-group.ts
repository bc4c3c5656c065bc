/**
 * What Linux lets a process and its siblings use together: the limits of a container, of a batch job, of a service.
 *
 * Owns reading them from the files of control groups, versions 1 and 2. A group is under the limits of all groups that
 * it lies in, so every level counts. Inside a container the group's own path is often not mounted while its root is, so
 * levels that are not there are passed over.
 * Source: Linux kernel documentation, admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/memory.rst, scheduler/sched-bwc.rst.
 */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Null where nothing limits. */
export interface ControlGroup {
  /** Processor time per time, in cores: 1.5 stands for one core and half of another. */
  readonly cores: number | null;
  /** Of the level that leaves the least room. */
  readonly memory: { readonly limitBytes: number; readonly usedBytes: number } | null;
}

/** @param root Folder that holds `proc` and `sys`. */
export function readControlGroup(root: string): ControlGroup {
  const memberships = (read(join(root, "proc/self/cgroup")) ?? "")
    .split("\n")
    .map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, controllers, path]) => ({ controllers, path }));
  const levels = (controller: string) =>
    memberships
      .filter(({ controllers }) => controllers === "" || controllers.split(",").includes(controller))
      .flatMap(({ controllers, path }) =>
        mountsOf(controllers, controller).flatMap((mount) =>
          upwards(path).map((level) => join(root, "sys/fs/cgroup", mount, level)),
        ),
      );
  const cores = levels("cpu")
    .map(coresOf)
    .filter((limit) => limit !== null);
  const memory = levels("memory")
    .map(memoryOf)
    .filter((limit) => limit !== null)
    .sort((a, b) => a.limitBytes - a.usedBytes - (b.limitBytes - b.usedBytes));
  return { cores: cores.length === 0 ? null : Math.min(...cores), memory: memory[0] ?? null };
}

/** Where a hierarchy is mounted below /sys/fs/cgroup; version 2 has no list of controllers. */
const mountsOf = (controllers: string, controller: string) =>
  controllers === "" ? ["", "unified"] : [...new Set([controllers, controller])];

/** "/a/b" as ["/a/b", "/a", "/"]. */
function upwards(path: string): string[] {
  const level = posix.normalize(path);
  return level === "/" ? ["/"] : [level, ...upwards(posix.dirname(level))];
}

function coresOf(level: string): number | null {
  const [quota, period] =
    read(join(level, "cpu.max"))?.split(" ") ??
    ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map((file) => read(join(level, file)));
  // "max" and -1 stand for no limit.
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : null;
}

function memoryOf(level: string): ControlGroup["memory"] {
  const names = [
    ["memory.max", "memory.current"],
    ["memory.limit_in_bytes", "memory.usage_in_bytes"],
  ];
  for (const [limit, used] of names) {
    const limitBytes = Number(read(join(level, limit)) ?? Number.NaN);
    // Version 1 has the largest number of pages for no limit; "max" is no number.
    if (limitBytes > 0 && limitBytes < 2 ** 62) {
      return { limitBytes, usedBytes: Number(read(join(level, used)) ?? 0) };
    }
  }
  return null;
}

/** The text of a file without its line break; null where there is none, as for every file on other systems. */
function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trimEnd();
  } catch {
    return null;
  }
}
