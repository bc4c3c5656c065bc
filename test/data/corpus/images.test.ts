/** Folders of images as Pillow writes them (`images/make.py`), and what else lies in folders. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadDataset } from "../../../src/data/load-dataset.ts";
import { checkCorpus, type Expected } from "./check-corpus.ts";

const bytes = (...values: number[]) => values.map((value) => value * (1 / 255));
const deep = (...values: number[]) => values.map((value) => value * (1 / 65_535));
const colour = bytes(255, 0, 51, 0, 102, 0);
const refused = (...parts: string[]): Expected => ({ refused: parts });

describe("orientation in EXIF", () => {
  const upright = [10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0, 50, 0, 0, 60, 0, 0];
  const all = { features: bytes(...Array(8).fill(upright).flat()), shape: [2, 3, 3], notes: [] };
  checkCorpus("images", {
    orientation: all,
    "orientation-webp": all,
    "orientation-jpeg": { shape: [16, 8, 3] },
  });
});

describe("transparency", () => {
  checkCorpus("images", {
    // 51 of 255 is a fifth: 100/5 + 255·4/5 = 224, and 255·4/5 = 204.
    alpha: {
      features: bytes(100, 0, 0, 255, 255, 255, 224, 204, 204),
      notes: ["1 of 1 images may be transparent"],
    },
    "alpha-grey": { features: bytes(100, 255), shape: [1, 2, 1] },
    "alpha-palette": { features: bytes(9, 8, 7, 255, 255, 255) },
    "alpha-16": { features: deep(1000, 2000, 3000, 65_535, 65_535, 65_535) },
    "alpha-opaque": { features: bytes(1, 2, 3) },
  });
});

describe("bits and colours", () => {
  checkCorpus("images", {
    "deep-grey": { features: deep(1, 65_535), shape: [1, 2, 1] },
    "deep-colour": { features: deep(1, 40_000, 65_535), shape: [1, 1, 3] },
    // 200/255 of 65,535 is 200·257.
    "deep-mixed": { features: deep(1000, 200 * 257), notes: ["1 of 2 images have 16 bits"] },
    "deep-tiff": { features: deep(3, 60_000) },
    "one-bit": { features: bytes(255, 0, 255, 0, 0, 0, 0, 0), shape: [1, 8, 1] },
    palette: { features: colour, shape: [1, 2, 3] },
    "palette-gif": { features: colour },
    cmyk: { shape: [1, 2, 3], notes: [] },
    progressive: { shape: [16, 16, 3], features: bytes(...Array(768).fill(128)) },
    "grey-jpeg": { features: bytes(77, 77, 77, 77), shape: [2, 2, 1], notes: [] },
    "grey-beside-colour": {
      features: [...bytes(7, 7, 7, 200, 200, 200), ...colour],
      shape: [1, 2, 3],
      notes: ["1 of 2 images are grey"],
    },
    "grey-but-tested-in-colour": { features: bytes(7, 7, 7, 200, 200, 200), tested: [0] },
    float: refused("1.tif", "8 or 16 bits", "float"),
    int32: refused("1.tif", "8 or 16 bits"),
  });
});

describe("kinds of files", () => {
  checkCorpus("images", {
    endings: { features: bytes(...[0, 1, 2, 3, 4, 5].flatMap((i) => [i, i, i])), notes: [] },
    "endings-lossy": { shape: [16, 16, 3], labels: [0, 0, 0, 0, 0], notes: [] },
    svg: { features: bytes(1, 2, 3) },
    bmp: refused("2.bmp", ".bmp"),
    hidden: { features: colour, classNames: ["a"], notes: ["6 hidden files"] },
    others: {
      features: colour,
      notes: ["1 image outside", "1 file other than images passed over, such as labels.txt"],
    },
    "animated-gif": {
      features: bytes(...Array(12).fill(10)),
      notes: ["transparent", "1 of 1 images are animated"],
    },
    "animated-webp": { features: bytes(...Array(12).fill(10)), notes: ["1 of 1 images are animated"] },
    unreadable: refused("2.png", "1 more such file"),
    truncated: refused("1.png", "must be an image"),
    huge: refused("1.png", "268402689", "100000×100000"),
    sizes: refused("2.png", "2×1", "--image-size", "2×2"),
    "sizes scaled": { shape: [1, 1, 3], options: { imageSize: { width: 1, height: 1 } } },
  });
});

describe("folders", () => {
  const halves: Expected = { features: colour, tested: [0], classNames: ["a"], notes: [] };
  const names = ["val", "valid", "validation", "test", "testing"];
  checkCorpus("images", {
    nested: { features: bytes(1, 1, 1, 2, 2, 2, 3, 3, 3), labels: [0, 0, 1], classNames: ["a", "b"] },
    natural: {
      features: bytes(...[1, 2, 10, 2, 10].flatMap((i) => [i, i, i])),
      labels: [0, 0, 0, 1, 2],
      classNames: ["grade 1", "grade 2", "grade 10"],
    },
    ...Object.fromEntries(names.map((name) => [`halves-${name}`, halves])),
    "halves-all": { ...halves, notes: ["not used: Val"] },
    "halves-class": { labels: [0, 1], classNames: ["car", "train"], tested: null },
    "halves-none": refused("test and val", "train"),
    "halves-new-class": refused("test", "b"),
    "halves-missing-class": { labels: [0, 1], tested: [1] },
    "halves-val/train with another to test with": { ...halves, options: { testData: "halves-val/val" } },
    "empty-class": refused("b", "must hold images"),
    "no-classes": refused("a folder for each class"),
  });

  test("that are links are followed, but not in a circle", async () => {
    const corpus = fileURLToPath(new URL("images", import.meta.url));
    const root = mkdtempSync(join(tmpdir(), "yf-async-links-"));
    try {
      symlinkSync(join(corpus, "nested/a"), join(root, "linked"));
      expect((await loadDataset(root)).train).toMatchObject({
        length: 2,
        labels: [{ classNames: ["linked"] }],
      });
      symlinkSync(root, join(root, "round"));
      await expect(loadDataset(root)).rejects.toThrow(/round.*must not lead back/);
      rmSync(join(root, "round"));
      symlinkSync(join(root, "gone"), join(root, "dangling"));
      await expect(loadDataset(root)).rejects.toThrow(/dangling.*must be readable/);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
