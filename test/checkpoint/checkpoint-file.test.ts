import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCheckpoint, readCheckpointHead, writeCheckpoint } from "../../src/checkpoint/checkpoint-file.ts";
import { YfError } from "../../src/errors.ts";
import { temporaryFolder } from "../data/folder.ts";

const file = temporaryFolder("checkpoint");

const sections = new Map([
  ["parameters", Uint8Array.from({ length: 300 }, (_, i) => i)],
  ["nothing", new Uint8Array(0)],
  ["rings.0.records", Uint8Array.of(9, 8, 7)],
]);
const facts = { progress: { updates: 12 }, loss: null };
const whole = file("whole.ckpt", "");
await writeCheckpoint(whole, { facts, sections });
const bytes = readFileSync(whole);

const damaged = file("damaged.ckpt", "");
function read(content: Uint8Array): unknown {
  file("damaged.ckpt", content);
  try {
    return readCheckpoint(damaged);
  } catch (error) {
    return error;
  }
}

describe("a checkpoint", () => {
  it("is read as it was written", () => {
    const found = readCheckpoint(whole);
    expect(found.facts).toEqual(facts);
    expect(Array.from(found.sections, ([name, section]) => [name, Uint8Array.from(section)])).toEqual(
      Array.from(sections),
    );
    expect(readCheckpointHead(whole)).toEqual({
      facts,
      sections: Array.from(sections, ([name, { length }]) => ({ name, length })),
    });
  });

  it("leaves no other file beside it", () => {
    expect(readdirSync(dirname(whole)).sort()).toEqual(["damaged.ckpt", "whole.ckpt"]);
  });

  it("is refused wherever it is cut off", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(read(bytes.subarray(0, length))).toMatchObject({ code: "BAD_CHECKPOINT" });
      }),
      { numRuns: 500 },
    );
  });

  it("is refused whichever of its bits is flipped", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at] ^= 1 << bit;
        expect(read(changed)).toMatchObject({ code: "BAD_CHECKPOINT" });
      }),
      { numRuns: 1000 },
    );
  });

  it("is refused if anything follows it", () => {
    expect(read(Buffer.concat([bytes, Buffer.of(0)]))).toMatchObject({
      message: `Cannot use the checkpoint ${damaged}: must have ${bytes.length} bytes (got ${bytes.length + 1})`,
    });
  });

  it.each([
    ["an empty file", new Uint8Array(0), 'the head must be whole (got "0 of 16 bytes")'],
    ["a file of something else", Buffer.alloc(64, "x"), 'must begin as a checkpoint does (got "xxxxxx")'],
    [
      "one of another version",
      Buffer.concat([Buffer.from("YFCKPT99"), bytes.subarray(8)]),
      'its format must have version 01 (got "99")',
    ],
    [
      "one whose head claims more than there can be",
      Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(8, 0xff), bytes.subarray(16)]),
      "its head must have at most 16777216 bytes (got 4294967295)",
    ],
  ])("tells %s apart", (_, content, reason) => {
    expect((read(content) as YfError).message).toBe(`Cannot use the checkpoint ${damaged}: ${reason}`);
  });

  it("names the section that is damaged, with both checksums", () => {
    const changed = Buffer.from(bytes);
    changed[bytes.length - 6] ^= 1;
    const error = read(changed);
    expect(error).toBeInstanceOf(YfError);
    expect((error as YfError).message).toMatch(
      /section rings\.0\.records must have the checksum [0-9a-f]{8} \(got "[0-9a-f]{8}"\)$/,
    );
  });

  it("that cannot be written is one error, and what was there stays", async () => {
    await expect(writeCheckpoint("/dev/null/x.ckpt", { facts, sections })).rejects.toMatchObject({
      code: "NOT_WRITABLE",
    });
    const before = statSync(whole).mtimeMs;
    const unlucky = new Map([["section", null as unknown as Uint8Array]]);
    await expect(writeCheckpoint(whole, { facts, sections: unlucky })).rejects.toThrow();
    expect(existsSync(whole)).toBe(true);
    expect(statSync(whole).mtimeMs).toBe(before);
  });
});
