/**
 * What a result says about where it was measured: enough to judge a number, nothing that names a computer, a person or
 * a folder.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import { join } from "node:path";
import { readMemory, usableCores } from "../../src/machine/machine.ts";
import { root } from "./places.ts";

export interface Machine {
  /** Model name, as the processor gives it. */
  readonly cpu: string;
  /** Logical cores that this process may use. */
  readonly cores: number;
  readonly memoryGiB: number;
  /** System and architecture, with the first two numbers of the system's release: "linux x64 6.18". */
  readonly os: string;
  /** Of Node, this package and the libraries that it computes with. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of this package's git history; null outside of one. */
  readonly commit: string | null;
  /** Whether tracked files other than results differ from the commit; null where there is none. */
  readonly modified: boolean | null;
}

const libraries = ["onnxruntime-node", "@tensorflow/tfjs-core", "piscina"];

export function describeMachine(): Machine {
  // Installed, this package lies in somebody else's repository.
  const own = existsSync(new URL(".git", root));
  const commit = own ? git("rev-parse", "HEAD") : null;
  const changes = own
    ? git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results")
    : null;
  return {
    cpu: os.cpus()[0]?.model.trim() || "unknown",
    cores: usableCores(),
    memoryGiB: Math.round(readMemory().usableBytes / 2 ** 29) / 2,
    // The rest of a release may name who built the system.
    os: [process.platform, process.arch, os.release().match(/^\d+(\.\d+)?/)?.[0]].join(" ").trim(),
    versions: {
      node: process.versions.node,
      "yf-async": versionIn(new URL("package.json", root)),
      ...Object.fromEntries(libraries.map((library) => [library, versionOf(library)])),
    },
    commit,
    modified: changes === null ? null : changes !== "",
  };
}

/** Load averages over 1, 5 and 15 minutes; zeros on Windows, which has none. */
export function loadAverages(): number[] {
  return os.loadavg().map((load) => Math.round(load * 100) / 100);
}

/** Wherever the library is installed: beside this package or inside it. */
function versionOf(library: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(library) ?? [];
  const file = folders.map((folder) => join(folder, library, "package.json")).find(existsSync);
  return file === undefined ? "unknown" : versionIn(file);
}

function versionIn(file: string | URL): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** What git prints, or null where there is no git or no repository. */
function git(...command: string[]): string | null {
  try {
    return execFileSync("git", command, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}
