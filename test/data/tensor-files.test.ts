/** Files of arrays beyond their table in `corpus/arrays.test.ts`: several columns, pairs of files, damaged bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column, DataSplit, Dataset } from "../../src/data/dataset.ts";
import { readIdxFile } from "../../src/data/idx-files.ts";
import { readNpyFile, readNpzFile } from "../../src/data/numpy-files.ts";
import { readSafetensorsFile } from "../../src/data/safetensors-file.ts";
import type { PairOptions } from "../../src/data/tensor-pairs.ts";
import { YfError } from "../../src/errors.ts";
import { encodeSafetensors } from "../../src/report/safetensors.ts";
import { temporaryFolder } from "./folder.ts";
import { idxBytes } from "./idx-bytes.ts";

const asClasses: PairOptions = { kind: "class", featuresArray: null, labelsArray: null, like: null };

const write = temporaryFolder("tensors");
const corpus = (name: string) => join(fileURLToPath(new URL("corpus/arrays", import.meta.url)), name);

function plain({ features: [features], labels: [labels], length }: Dataset) {
  const scaled = (column: Column) => Array.from(column.data, (x) => column.scale * x + column.offset);
  return {
    length,
    features: scaled(features),
    labels: scaled(labels),
    shapes: [features.shape, labels.shape],
    type: labels.dtype,
  };
}

describe("files of arrays", () => {
  test("are in shared memory, and bytes of images stay bytes", () => {
    const { train } = readNpzFile(corpus("names-images.npz"), asClasses);
    expect(train.features[0]).toMatchObject({ dtype: "float32", scale: 1 / 255 });
    expect(train.features[0].data).toBeInstanceOf(Uint8Array);
    expect(train.features[0].data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(train.labels[0].data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("name the file and the byte where they cannot be read", () => {
    const file = corpus("type-complex.npz");
    expect(() => readNpzFile(file, asClasses)).toThrow(
      expect.objectContaining({ code: "BAD_DATA", details: { file: `${file}/x.npy`, offset: 8 } }),
    );
  });

  test("to test with have the classes of those to train on", () => {
    const train = readNpzFile(corpus("labels-from-1.npz"), asClasses).train;
    const labels = (name: string) => readNpzFile(corpus(name), { ...asClasses, like: train }).train.labels[0];
    // Of the classes 1, 2, 3 the labels 2, 1 are the second and the first.
    const file = write(
      "two.safetensors",
      encodeSafetensors([
        { name: "x", shape: [2, 2], values: new Float32Array(4) },
        { name: "y", shape: [2], values: Float32Array.of(2, 1) },
      ]),
    );
    expect([...readSafetensorsFile(file, { ...asClasses, like: train }).train.labels[0].data]).toEqual([
      1, 0,
    ]);
    expect(() => labels("stored.npz")).toThrow(/y must hold classes of the data to train on.*0 at \[1\]/);
  });

  test("idx files of any size and number of classes, compressed or not, and those to test with", () => {
    const pixels = Array.from({ length: 12 }, (_, i) => i);
    const file = write("letters-train-images-idx3-ubyte.gz", gzipSync(idxBytes([3, 2, 2], pixels)));
    write("letters-train-labels-idx1-ubyte", idxBytes([3], [2, 0, 1]));
    expect(readIdxFile(file, asClasses).test).toBeNull();
    write("letters-test-images-idx3-ubyte", idxBytes([1, 2, 2], pixels.slice(0, 4)));
    write("letters-test-labels-idx1-ubyte.gz", gzipSync(idxBytes([1], [1])));
    const { test: tested, train } = readIdxFile(file, asClasses);
    expect(plain(train)).toMatchObject({ shapes: [[2, 2, 1], []], labels: [2, 0, 1], type: "int32" });
    for (const [i, x] of plain(train).features.entries()) expect(x).toBeCloseTo(i / 255, 12);
    expect(tested && plain(tested)).toMatchObject({ length: 1, labels: [1] });
  });

  test("an idx file that has no partner is named", () => {
    const lone = write("lone-images-idx3-ubyte", idxBytes([1, 1, 1], [0]));
    expect(() => readIdxFile(lone, asClasses)).toThrow(
      `Cannot read ${lone.replace("images-idx3", "labels-idx1")}: the file must be readable (got `,
    );
    const labels = write("own-labels-idx1-ubyte", idxBytes([1], [0]));
    expect(() => readIdxFile(labels, asClasses)).toThrow(
      `Cannot read ${labels}: its name must hold images, so that labels are in the file beside it with labels in its name (got "own-labels-idx1-ubyte")`,
    );
    write("lone-labels-idx1-ubyte", idxBytes([2], [0, 0]));
    expect(() => readIdxFile(lone, asClasses)).toThrow(
      `Cannot read ${lone}: labels must have one entry for each of the 1 examples (got "[2]")`,
    );
  });

  test("several columns of features and labels, by the names of inputs and outputs", () => {
    const column = (name: string, shape: number[], values: number[]) => ({
      name,
      shape,
      values: Float32Array.from(values),
    });
    const file = write(
      "columns.safetensors",
      encodeSafetensors([
        column("x_train/image", [2, 1, 1], [1, 2]),
        column("x_train/facts", [2, 2], [3, 4, 5, 6]),
        column("y_train/size", [2], [0.5, 8]),
        column("y_train/angle", [2, 1], [9, 10.5]),
        column("x_train_mean", [1], [0]),
      ]),
    );
    const { features, labels, length } = readSafetensorsFile(file, asClasses).train;
    const content = (columns: readonly Column[]) =>
      Object.fromEntries(columns.map(({ data, name, shape }) => [name, [shape, ...data]]));
    expect(length).toBe(2);
    expect(content(features)).toEqual({ image: [[1, 1], 1, 2], facts: [[2], 3, 4, 5, 6] });
    expect(content(labels)).toEqual({ size: [[1], 0.5, 8], angle: [[1], 9, 10.5] });
  });

  test("a column that is shorter than the others is named", () => {
    const file = write(
      "short.safetensors",
      encodeSafetensors([
        { name: "features/a", shape: [2, 1], values: Float32Array.of(1, 2) },
        { name: "features/b", shape: [1, 1], values: Float32Array.of(1) },
        { name: "labels", shape: [2], values: Float32Array.of(1, 2) },
      ]),
    );
    expect(() => readSafetensorsFile(file, asClasses)).toThrow(
      `Cannot read ${file}: features/b must have one entry for each of the 2 examples (got "[1, 1]")`,
    );
  });
});

describe("damaged bytes", () => {
  const whole: readonly [string, (file: string, options: PairOptions) => DataSplit, Buffer][] = [
    ["damaged.npz", readNpzFile, readFileSync(corpus("deflated.npz"))],
    ["damaged.npz", readNpzFile, readFileSync(corpus("stored.npz"))],
    ["damaged.npz", readNpzFile, readFileSync(corpus("zip64.npz"))],
    ["damaged.safetensors", readSafetensorsFile, readFileSync(corpus("BF16.safetensors"))],
    ["features.npy", readNpyFile, readFileSync(corpus("X_train.npy"))],
  ];
  test.each(whole)("of %s are an error of this package, or numbers", (name, read, bytes) => {
    write("labels.npy", readFileSync(corpus("y_train.npy")));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const damaged = Uint8Array.from(isCut ? bytes.subarray(0, at) : bytes);
        if (!isCut) damaged[at] = value;
        const file = write(name, damaged);
        try {
          read(file, asClasses);
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect(error).toMatchObject({ code: "BAD_DATA" });
        }
      }),
      { numRuns: 200 },
    );
  });
});
