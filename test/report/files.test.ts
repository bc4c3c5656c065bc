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
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppendedFile } from "../../src/report/appended-file.ts";
import { makeFolder } from "../../src/report/make-folder.ts";
import { MetricsLog } from "../../src/report/metrics-log.ts";
import { writeFileAtomically } from "../../src/report/write-file-atomically.ts";
import { snapshot } from "./samples.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const notWritable = (file: string) =>
  expect.objectContaining({
    code: "NOT_WRITABLE",
    exitCode: 1,
    message: expect.stringContaining(`Cannot write ${file}: its folder must exist and take data (got "`),
  });

describe("MetricsLog", () => {
  it("has each snapshot on disk as one line of JSON at once, null for what is not finite", () => {
    const file = join(folder, "metrics.jsonl");
    writeFileSync(file, "from an earlier run\n");
    const log = new MetricsLog(file);
    log.append(snapshot);
    log.append({ ...snapshot, updates: 2, loss: Number.NaN });
    const lines = readFileSync(file, "utf8").split("\n");
    log.close();
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
      snapshot,
      { ...snapshot, updates: 2, loss: null },
    ]);
    expect(lines.slice(2)).toEqual([""]);
  });

  it("may be closed twice and takes nothing afterwards", () => {
    const file = join(folder, "metrics.jsonl");
    const log = new MetricsLog(file);
    log.close();
    log.close();
    expect(() => log.append(snapshot)).toThrow(notWritable(file));
  });

  it("says why a file cannot be made", () => {
    const file = join(folder, "none", "metrics.jsonl");
    expect(() => new MetricsLog(file)).toThrow(notWritable(file));
    expect(() => new MetricsLog(folder)).toThrow(notWritable(folder));
  });

  it.skipIf(!existsSync("/dev/full"))("says that the disk is full (needs /dev/full)", () => {
    const log = new MetricsLog("/dev/full");
    expect(() => log.append(snapshot)).toThrow(
      expect.objectContaining({ code: "NOT_WRITABLE", details: { path: "/dev/full", reason: "ENOSPC" } }),
    );
  });
});

describe("AppendedFile", () => {
  it("keeps what is there, or begins anew, and says no more once it is closed", () => {
    const file = join(folder, "records");
    const write = (keep: boolean, text: string) => {
      const appended = new AppendedFile(file, keep);
      appended.append(Buffer.from(text));
      appended.close();
      appended.close();
      expect(() => appended.append(Buffer.from(text))).toThrow(notWritable(file));
      return readFileSync(file, "utf8");
    };
    expect(write(false, "one")).toBe("one");
    expect(write(true, "two")).toBe("onetwo");
    expect(write(false, "three")).toBe("three");
  });
});

describe("makeFolder()", () => {
  it("makes a folder with those above it, once", () => {
    const inner = join(folder, "a", "b");
    makeFolder(inner);
    writeFileSync(join(inner, "kept"), "");
    makeFolder(inner);
    expect(readdirSync(inner)).toEqual(["kept"]);
  });

  it("says why where a file is in the way", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => makeFolder(join(file, "inner"))).toThrow(notWritable(join(file, "inner")));
  });

  it.skipIf(!existsSync("/proc"))("says why where there can be no folders (needs /proc)", () => {
    expect(() => makeFolder("/proc/inner")).toThrow(notWritable("/proc/inner"));
  });
});

describe("writeFileAtomically()", () => {
  it("replaces a file and leaves nothing beside it", () => {
    const file = join(folder, "summary.json");
    writeFileAtomically(file, "a longer first version");
    writeFileAtomically(file, Uint8Array.of(0x62, 0x63));
    expect(readFileSync(file, "utf8")).toBe("bc");
    expect(readdirSync(folder)).toEqual(["summary.json"]);
  });

  it("leaves everything as it was when it cannot rename", () => {
    const file = join(folder, "taken");
    mkdirSync(join(file, "inside"), { recursive: true });
    expect(() => writeFileAtomically(file, "text")).toThrow(notWritable(file));
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it("says why when the folder is not there", () => {
    const file = join(folder, "none", "summary.json");
    expect(() => writeFileAtomically(file, "text")).toThrow(notWritable(file));
  });
});
