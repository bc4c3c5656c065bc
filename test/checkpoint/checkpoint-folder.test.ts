import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/checkpoint/checkpoint-file.ts";
import { CheckpointFolder, locateCheckpoint, readOrAdvise } from "../../src/checkpoint/checkpoint-folder.ts";
import { temporaryFolder } from "../data/folder.ts";

const root = dirname(temporaryFolder("checkpoints")("x", ""));
const checkpoint = { facts: {}, sections: new Map([["a", Uint8Array.of(1, 2, 3)]]) };

async function folderOf(name: string, ...updates: number[]): Promise<CheckpointFolder> {
  const folder = new CheckpointFolder(join(root, name));
  for (const count of updates) await folder.write(count, checkpoint);
  return folder;
}

const nameOf = (updates: number) => `${String(updates).padStart(12, "0")}.ckpt`;

describe("the folder of checkpoints", () => {
  it("keeps the newest ones, whatever order they were written in", async () => {
    const folder = await folderOf("keep", 90, 1000, 200, 11);
    folder.keep(2);
    expect(folder.list()).toEqual([1000, 200].map((updates) => join(folder.path, nameOf(updates))));
  });

  it("clears away what a process left that ended while it wrote, and nothing else", async () => {
    const folder = await folderOf("clear", 5);
    for (const name of [`${nameOf(6)}.123.tmp`, "notes.txt"]) writeFileSync(join(folder.path, name), "");
    folder.keep(1);
    expect(readdirSync(folder.path).sort()).toEqual([nameOf(5), "notes.txt"]);
  });

  it("says that it has some of another run, and loses them once a new one begins", async () => {
    const folder = await folderOf("other", 5);
    expect(() => folder.requireNone()).toThrow(
      `Cannot write checkpoints to ${folder.path}: the folder must not hold those of another run, which could be resumed (got "${nameOf(5)}")`,
    );
    expect(folder.list()).toHaveLength(1);
    folder.begin(null);
    expect(folder.list()).toEqual([]);
    expect(() => folder.requireNone()).not.toThrow();
  });

  it("keeps what a run resumes from, and nothing newer, which would be taken for a state of it", async () => {
    const folder = await folderOf("branch", 10, 20, 30);
    const [, from, oldest] = folder.list();
    folder.begin({ file: from, updates: 20 });
    expect(folder.list()).toEqual([from, oldest]);
    // Of a checkpoint that lies elsewhere it has none.
    folder.begin({ file: join(root, nameOf(20)), updates: 20 });
    expect(folder.list()).toEqual([]);
  });
});

describe("locateCheckpoint()", () => {
  it("finds the newest one in a run's folder, in a folder of checkpoints, and one by its path", async () => {
    const run = join(root, "run");
    mkdirSync(run);
    await folderOf("run/checkpoints", 7, 30);
    const [newest, older] = [30, 7].map((updates) => join(run, "checkpoints", nameOf(updates)));
    expect(locateCheckpoint(run)).toEqual({ file: newest, runFolder: run });
    expect(locateCheckpoint(join(run, "checkpoints"))).toEqual({ file: newest, runFolder: run });
    expect(locateCheckpoint(older)).toEqual({ file: older, runFolder: run });
    const alone = await folderOf("alone", 3);
    expect(locateCheckpoint(alone.path)).toEqual({ file: join(alone.path, nameOf(3)), runFolder: null });
  });

  it("says where there is none", () => {
    expect(() => locateCheckpoint(root)).toThrow(
      `Cannot use the checkpoint ${root}: there must be one in the folder`,
    );
  });
});

describe("readOrAdvise()", () => {
  it("offers the newest whole one before a damaged one", async () => {
    const folder = await folderOf("damaged", 1, 2, 3);
    const [third, second, first] = folder.list();
    for (const file of [third, second]) writeFileSync(file, readFileSync(file).subarray(0, -1));
    expect(() => readOrAdvise(third, readCheckpoint)).toThrow(
      new RegExp(`^Cannot use the checkpoint ${third}: .*; the one before it is whole: ${first}$`),
    );
    writeFileSync(first, "");
    expect(() => readOrAdvise(third, readCheckpoint)).toThrow(/ \(got \d+\)$/);
  });
});
