import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { FolderLock, lockName } from "../../src/checkpoint/folder-lock.ts";
import type { YfError } from "../../src/errors.ts";
import { processStart } from "../../src/machine/process-start.ts";
import { temporaryFolder } from "../data/folder.ts";

const root = dirname(temporaryFolder("folder-lock")("x", ""));

/** A process that has ended. */
const { pid: ended } = spawnSync(process.execPath, ["--version"]);

/** A folder with the lock of another run. */
function lockedBy(name: string, holder: object | string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  const text =
    typeof holder === "string"
      ? holder
      : JSON.stringify({ id: "another", host: hostname(), since: "2026-01-02T03:04:05.000Z", ...holder });
  writeFileSync(join(folder, lockName), text);
  return folder;
}

function refusal(folder: string): YfError {
  try {
    FolderLock.take(folder).release();
  } catch (error) {
    return error as YfError;
  }
  throw new Error("was not refused");
}

describe("the lock of a folder", () => {
  it("refuses a second run, with the process, host and start of the first, and changes nothing", () => {
    const folder = join(root, "twice");
    const lock = FolderLock.take(folder);
    const before = readFileSync(join(folder, lockName), "utf8");
    const { code, details, exitCode, message } = refusal(folder);
    expect({ code, exitCode }).toEqual({ code: "IN_USE", exitCode: 2 });
    const { since } = JSON.parse(before) as { since: string };
    expect(details).toMatchObject({ folder, pid: process.pid, host: hostname(), since });
    expect(message).toContain(`being trained by process ${process.pid} since ${since}`);
    expect(readFileSync(join(folder, lockName), "utf8")).toBe(before);
    expect(readdirSync(folder)).toEqual([lockName]);
    lock.release();
  });

  it("is gone once it is released, with the folders that were made for it and are empty", () => {
    FolderLock.take(join(root, "made", "deep")).release();
    expect(existsSync(join(root, "made"))).toBe(false);
    const lock = FolderLock.take(join(root, "filled", "deep"));
    writeFileSync(join(root, "filled", "result"), "");
    lock.release();
    expect(readdirSync(join(root, "filled"))).toEqual(["result"]);
    mkdirSync(join(root, "there"));
    FolderLock.take(join(root, "there")).release();
    expect(readdirSync(join(root, "there"))).toEqual([]);
  });

  it.each([
    ["whose process has ended", { pid: ended, start: null }, ended],
    // Numbers of processes come again: this one has our number and began at another time.
    [
      "whose process had a number that another one has by now",
      { pid: process.pid, start: { boot: "other", ticks: 1 } },
      process.pid,
    ],
  ])("%s is taken over, which is said", (name, holder, pid) => {
    const folder = lockedBy(name.replaceAll(" ", "-"), holder);
    const told: string[] = [];
    const lock = FolderLock.take(folder, { warn: (text) => told.push(text) });
    expect(told).toEqual([expect.stringContaining(`process ${pid}`)]);
    expect(refusal(folder).details).toMatchObject({ pid: process.pid });
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of the same supervised run is taken over without a word, that of another one is not", () => {
    const folder = lockedBy("supervised", { pid: ended, start: null, run: "r" });
    const told: string[] = [];
    FolderLock.take(folder, { run: "r", warn: (text) => told.push(text) }).release();
    expect(told).toEqual([]);
  });

  it("of another host holds as long as it is touched", () => {
    const folder = lockedBy("host", { pid: ended, host: "elsewhere", start: null });
    expect(refusal(folder).message).toContain(`process ${ended} on elsewhere since 2026-01-02`);
    const old = Date.now() / 1000 - 3600;
    utimesSync(join(folder, lockName), old, old);
    const told: string[] = [];
    FolderLock.take(folder, { warn: (text) => told.push(text) }).release();
    expect(told).toEqual([expect.stringContaining("on elsewhere")]);
  });

  it("that is just being written holds", () => {
    const folder = lockedBy("torn", "");
    expect(refusal(folder)).toMatchObject({ code: "IN_USE", details: { pid: null } });
    expect(readdirSync(folder)).toEqual([lockName]);
  });

  it("leaves a lock alone that is another's by now", () => {
    const lock = FolderLock.take(join(root, "lost"));
    rmSync(join(root, "lost"), { recursive: true });
    const other = lockedBy("lost", { pid: process.pid, start: processStart(process.pid) });
    lock.release();
    expect(readdirSync(other)).toEqual([lockName]);
  });

  it("is refused where nothing can be written", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    expect(refusal(file)).toMatchObject({ code: "NOT_WRITABLE" });
  });
});
