/** Folders of images, written by sharp itself. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { loadDataset } from "../../src/data/load-dataset.ts";

const root = mkdtempSync(join(tmpdir(), "yf-async-images-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes a PNG of one colour: red, green, blue. */
async function paint(
  file: string,
  colour: readonly number[],
  [width, height]: readonly [number, number] = [3, 2],
) {
  mkdirSync(join(root, file, ".."), { recursive: true });
  const pixels = Buffer.from(Array.from({ length: width * height }, () => colour).flat());
  const channels = colour.length as 1 | 3 | 4;
  await sharp(pixels, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png()
    .toFile(join(root, file));
}

describe("a folder of images by class", () => {
  test("gives pixels as bytes in [0, 1] and classes in the order of the alphabet", async () => {
    await paint("plain/dog/1.png", [255, 0, 51]);
    await paint("plain/cat/1.png", [0, 102, 0]);
    await paint("plain/cat/2.PNG", [1, 2, 3]);
    const { classes, test: tested, train } = await loadDataset(join(root, "plain/"));
    expect({ classes, tested }).toEqual({ classes: 2, tested: null });
    expect([...train.labels[0].data]).toEqual([0, 0, 1]);
    expect(train.features[0]).toMatchObject({ shape: [2, 3, 3], dtype: "float32", scale: 1 / 255 });
    expect([...train.features[0].data.subarray(36, 42)]).toEqual([255, 0, 51, 255, 0, 51]);
    expect(train.features[0].data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("has a test set in test/, or keeps a share for it", async () => {
    for (const half of ["train", "test"]) {
      for (const name of ["a", "b"])
        for (let i = 0; i < 4; i++) await paint(`halves/${half}/${name}/${i}.png`, [i, i, i]);
    }
    const { test: tested, train } = await loadDataset(join(root, "halves"));
    expect([train.length, tested?.length]).toEqual([8, 8]);
    const alone = await loadDataset(join(root, "halves", "train"), { validationSplit: 0.25 });
    expect([alone.train.length, alone.test?.length]).toEqual([6, 2]);
  });

  test("stays grey, loses its alpha, and is scaled where that is asked for", async () => {
    await paint("grey/x/1.png", [7]);
    await paint("grey/y/1.png", [9], [30, 20]);
    const { train } = await loadDataset(join(root, "grey"), { imageSize: { width: 4, height: 5 } });
    expect(train.features[0].shape).toEqual([5, 4, 1]);
    expect(new Set(train.features[0].data)).toEqual(new Set([7, 9]));
    await paint("alpha/x/1.png", [7, 8, 9, 128]);
    expect((await loadDataset(join(root, "alpha"))).train.features[0].shape).toEqual([2, 3, 3]);
  });
});
