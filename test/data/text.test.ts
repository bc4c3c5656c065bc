import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadDataset } from "../../src/data/load-dataset.ts";
import { readText } from "../../src/data/text.ts";
import { temporaryFolder } from "./folder.ts";

const write = temporaryFolder("text");

describe("readText()", () => {
  test("cuts a text into sequences, each character's label the one that follows", () => {
    // a b c d are 0 1 2 3; a tenth of 21 characters is less than one example, so the last 4 + 1 are for testing.
    const file = write("letters.txt", "abcdabcdabcdabcdabcda");
    const { classes, test: tested, train } = readText(file, 4, null, 0.1);
    expect({ classes, length: train.length }).toEqual({ classes: 4, length: 3 });
    expect([...train.features[0].data]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    expect([...train.labels[0].data]).toEqual([1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0]);
    expect(tested).toMatchObject({ length: 1, features: [{ shape: [4], dtype: "int32" }] });
    expect([...(tested?.features[0].data ?? [])]).toEqual([0, 1, 2, 3]);
    expect(train.labels[0]).toMatchObject({ classes: 4, classNames: ["a", "b", "c", "d"] });
    // One copy for both columns.
    expect(train.features[0].data.buffer).toBe(train.labels[0].data.buffer);
    expect(train.features[0].data).toBeInstanceOf(Uint8Array);
  });

  test("counts characters, not bytes or halves of surrogate pairs", () => {
    const { classes, train } = readText(write("emoji.txt", "é🙂é🙂é🙂é🙂"), 2, null, 0.4);
    expect(classes).toBe(2);
    expect([...train.features[0].data]).toEqual([0, 1, 0, 1]);
  });

  test("takes more than 256 characters in 32 bits", () => {
    const text = String.fromCodePoint(...Array.from({ length: 300 }, (_, i) => 0x4e00 + i));
    const { classes, train } = readText(write("signs.txt", text), 10, null, 0.1);
    expect(classes).toBe(300);
    expect(train.features[0].data).toBeInstanceOf(Int32Array);
  });

  test("tests with another text of the same characters", () => {
    const { test: tested } = readText(write("a.txt", "abababab"), 2, write("b.txt", "bbb"), 0.1);
    expect([...(tested?.features[0].data ?? [])]).toEqual([1, 1]);
  });

  test.each([
    [
      "a new character in the text to test with",
      "abab",
      "abc",
      'must have no other characters than the text to train on (got "\\"c\\" at character 2")',
    ],
    [
      "a text to test with that is too short",
      "abab",
      "ab",
      "a text to train on and one to test with must each have 3 characters or more (got 2)",
    ],
  ])("refuses %s", (_, train, tested, message) => {
    const testFile = write("other.txt", tested);
    expect(() => readText(write("train.txt", train), 2, testFile, 0.1)).toThrow(
      `Cannot read ${testFile}: ${message}`,
    );
  });

  test("refuses a text that is too short, and bytes that are no text, with their offset", () => {
    const short = write("short.txt", "abc");
    expect(() => readText(short, 2, null, 0.1)).toThrow(
      `Cannot read ${short}: a text to train on and one to test with must each have 3 characters or more (got 0)`,
    );
    const binary = write(
      "binary.txt",
      Buffer.concat([Buffer.from("é".repeat(1000)), Buffer.from([0xff]), Buffer.alloc(500)]),
    );
    expect(() => readText(binary, 2, null, 0.1)).toThrow(
      expect.objectContaining({
        message: `Cannot read ${binary} at byte 2000: must be text in UTF-8`,
        details: { file: binary, offset: 2000 },
      }),
    );
  });
});

describe("tinyshakespeare", () => {
  test("is found under char-rnn's name in a folder", async () => {
    const folder = join(write("input.txt", "To be, or not to be. ".repeat(40)), "..");
    const { classes, name, train } = await loadDataset("tinyshakespeare", {
      dataDir: folder,
      sequenceLength: 20,
    });
    // "T o b e , r n t ." and the space; 840 characters without a tenth are 756: 37 examples of 20 and one more.
    expect({ classes, name, length: train.length }).toEqual({
      classes: 10,
      name: "tinyshakespeare",
      length: 37,
    });
  });

  test("is not looked for without a folder", async () => {
    await expect(loadDataset("tinyshakespeare")).rejects.toThrow(
      "Cannot load tinyshakespeare: its files come from a folder (get char-rnn's input.txt of tinyshakespeare and give --data-dir DIR)",
    );
  });
});
