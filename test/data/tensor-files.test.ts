/** NumPy and safetensors files, made by NumPy itself (`fixtures/make-arrays.py`), and damaged ones. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column, DataSplit, Dataset } from "../../src/data/dataset.ts";
import { readIdxFile, readNpyFile, readNpzFile, readSafetensorsFile } from "../../src/data/tensor-files.ts";
import { YfError } from "../../src/errors.ts";
import { encodeSafetensors } from "../../src/report/safetensors.ts";
import { temporaryFolder } from "./folder.ts";
import { idxBytes } from "./idx-bytes.ts";

const write = temporaryFolder("tensors");
const fixture = (name: string) => join(fileURLToPath(new URL("fixtures", import.meta.url)), name);

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
  test("a deflated .npz of float64 features and int64 labels", () => {
    const { test: tested, train } = readNpzFile(fixture("deflated.npz"), "class");
    expect(tested).toBeNull();
    expect(plain(train)).toEqual({
      length: 3,
      features: [0, 0.25, 0.5, 0.75, 1, 1.25],
      labels: [2, 0, 1],
      shapes: [[2], []],
      type: "int32",
    });
    expect(train.features[0].data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("a stored .npz of bytes of images, divided by 255, big-endian labels, and a test set", () => {
    const { test: tested, train } = readNpzFile(fixture("stored.npz"), "class");
    expect(plain(train)).toMatchObject({ shapes: [[1, 2], []], labels: [2, 0, 1], type: "int32" });
    expect(train.features[0].data).toBeInstanceOf(Uint8Array);
    for (const [i, x] of plain(train).features.entries()) expect(x).toBeCloseTo(i / 255, 12);
    expect(tested && plain(tested)).toMatchObject({ length: 1, labels: [2] });
  });

  test("two .npy files, whose labels are no integers", () => {
    expect(plain(readNpyFile(fixture("features.npy"), "class").train)).toEqual({
      length: 3,
      features: [-1, 0, 1, 2, 3, 4],
      labels: [1, 0, 0.5],
      shapes: [[2], [1]],
      type: "float32",
    });
  });

  test("a safetensors file", () => {
    const file = write(
      "data.safetensors",
      encodeSafetensors([
        { name: "features", shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
        { name: "labels", shape: [2, 1], values: Float32Array.of(7, 8) },
      ]),
    );
    expect(plain(readSafetensorsFile(file, "value").train)).toMatchObject({
      features: [1, 2, 3, 4, 5, 6],
      labels: [7, 8],
      shapes: [[3], [1]],
    });
  });

  /** Two examples of one feature, and labels as PyTorch has class indices. */
  const int64 = (...labels: bigint[]) => {
    const header = JSON.stringify({
      features: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] },
      labels: { dtype: "I64", shape: [2], data_offsets: [8, 24] },
    });
    const length = Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer);
    const [features, numbers] = [Float32Array.of(1, 2), BigInt64Array.from(labels)];
    return Buffer.concat([
      length,
      Buffer.from(header),
      Buffer.from(features.buffer),
      Buffer.from(numbers.buffer),
    ]);
  };

  test("a safetensors file of int64 labels, as long as they fit in 32 bits", () => {
    const file = write("int64.safetensors", int64(3n, 0n));
    expect(plain(readSafetensorsFile(file, "class").train)).toMatchObject({ labels: [3, 0], type: "int32" });
    write("int64.safetensors", int64(3n, 2n ** 31n));
    expect(() => readSafetensorsFile(file, "class")).toThrow(
      `Cannot read ${file} as every integer in labels must fit in 32 bits: received "2147483648 at flat index 1"`,
    );
  });

  test("idx files of any size and number of classes, compressed or not, and those to test with", () => {
    const pixels = Array.from({ length: 12 }, (_, i) => i);
    const file = write("letters-train-images-idx3-ubyte.gz", gzipSync(idxBytes([3, 2, 2], pixels)));
    write("letters-train-labels-idx1-ubyte", idxBytes([3], [25, 0, 1]));
    expect(readIdxFile(file, "class").test).toBeNull();
    write("letters-test-images-idx3-ubyte", idxBytes([1, 2, 2], pixels.slice(0, 4)));
    write("letters-test-labels-idx1-ubyte.gz", gzipSync(idxBytes([1], [7])));
    const { test: tested, train } = readIdxFile(file, "class");
    expect(plain(train)).toMatchObject({ shapes: [[2, 2, 1], []], labels: [25, 0, 1], type: "int32" });
    for (const [i, x] of plain(train).features.entries()) expect(x).toBeCloseTo(i / 255, 12);
    expect(tested && plain(tested)).toMatchObject({ length: 1, labels: [7] });
  });

  test("an idx file that has no partner is named", () => {
    const lone = write("lone-images-idx3-ubyte", idxBytes([1, 1, 1], [0]));
    expect(() => readIdxFile(lone, "class")).toThrow(
      `Cannot read ${lone.replace("images-idx3", "labels-idx1")} as the file must be readable: received`,
    );
    const labels = write("own-labels-idx1-ubyte", idxBytes([1], [0]));
    expect(() => readIdxFile(labels, "class")).toThrow(
      `Cannot read ${labels} as its name must hold images, so that labels are in the file beside it with labels in its name: received "own-labels-idx1-ubyte"`,
    );
    write("lone-labels-idx1-ubyte", idxBytes([2], [0, 0]));
    expect(() => readIdxFile(lone, "class")).toThrow(
      `Cannot read ${lone} as labels must have one entry for each of the 1 examples: received "[2]"`,
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
        column("y_train/size", [2], [7, 8]),
        column("y_train/angle", [2, 1], [9, 10]),
        column("x_train_mean", [1], [0]),
      ]),
    );
    const { features, labels, length } = readSafetensorsFile(file, "class").train;
    const content = (columns: readonly Column[]) =>
      Object.fromEntries(columns.map(({ data, name, shape }) => [name, [shape, ...data]]));
    expect(length).toBe(2);
    expect(content(features)).toEqual({ image: [[1, 1], 1, 2], facts: [[2], 3, 4, 5, 6] });
    expect(content(labels)).toEqual({ size: [[1], 7, 8], angle: [[1], 9, 10] });
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
    expect(() => readSafetensorsFile(file, "class")).toThrow(
      `Cannot read ${file} as features/b must have one entry for each of the 2 examples: received "[1, 1]"`,
    );
  });
});

const npy = (header: string, data: Uint8Array = new Uint8Array(0)) => {
  const text = Buffer.from(header, "latin1");
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    Buffer.from([text.length, 0]),
    text,
    data,
  ]);
};
const described = (descr: string, shape: string, order = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

const types = "b1, u1, i1, u2, i2, u4, i4, u8, i8, f4, f8";

describe("readNpyFile() refuses", () => {
  test.each([
    [
      "another file",
      Buffer.from("hello, world"),
      'a npy file begins with 93 NUMPY and a version from 1 to 3: received "\\"hello, w\\""',
      0,
    ],
    [
      "complex numbers",
      readFileSync(fixture("complex.npy")),
      `its elements must be numbers of a type ${types}: received "'<c8'"`,
      8,
    ],
    [
      "Fortran order",
      readFileSync(fixture("fortran.npy")),
      'it must be in C order (numpy.ascontiguousarray makes it so): received "Fortran order"',
      8,
    ],
    [
      "Python objects",
      npy(described("|O", "(2,)")),
      `its elements must be numbers of a type ${types}: received "'|O'"`,
      8,
    ],
    [
      "a shape that claims more than the file holds",
      npy(described("<f4", "(1000000000, 1000000000)")),
      "its header, shape [1000000000, 1000000000] of 4 bytes each, asks for exactly ",
      10 + described("<f4", "(1000000000, 1000000000)").length,
    ],
    [
      "an integer of more than 32 bits",
      npy(described("<i8", "(1, 1)"), new Uint8Array(BigInt64Array.of(2n ** 40n).buffer)),
      'every integer must fit in 32 bits: received "1099511627776 at flat index 0"',
      10 + described("<i8", "(1, 1)").length,
    ],
  ])("%s", (_, bytes, message, offset) => {
    const file = write("features.npy", bytes);
    expect(() => readNpyFile(file, "class")).toThrow(`Cannot read ${file} at byte ${offset} as ${message}`);
    expect(() => readNpyFile(file, "class")).toThrow(
      expect.objectContaining({ code: "BAD_DATA", details: { file, offset } }),
    );
  });

  test("a name that has no partner", () => {
    const file = write("data.npy", readFileSync(fixture("features.npy")));
    expect(() => readNpyFile(file, "class")).toThrow(
      "as its name must hold features or begin with x, so that labels, or y, is the file beside it",
    );
  });
});

/** Arrays of float32 by name; the rest of the message. */
const unpaired: readonly [string, [string, number[], number[]][], string][] = [
  [
    "arrays of other names",
    [["a", [1, 1], [1]]],
    'it must hold features and labels, or x_train and y_train, or x and y: received "a"',
  ],
  [
    "features without labels",
    [["features", [1, 1], [1]]],
    'features and labels must both be there: received "no labels"',
  ],
  [
    "too few labels",
    [
      ["features", [2, 1], [1, 2]],
      ["labels", [1], [1]],
    ],
    'labels must have one entry for each of the 2 examples: received "[1]"',
  ],
  [
    "scalars for features",
    [
      ["features", [2], [1, 2]],
      ["labels", [2], [1, 2]],
    ],
    'features must have the shape [N, ...] of at least one example: received "[2]"',
  ],
  [
    "NaN",
    [
      ["features", [2, 2], [1, 2, Number.NaN, 4]],
      ["labels", [2], [1, 2]],
    ],
    'every number in features must be finite in float32: received "NaN at flat index 2"',
  ],
];

describe("a pair of arrays must not be", () => {
  test.each(unpaired)("%s", (_, arrays, message) => {
    const tensors = arrays.map(([name, shape, values]) => ({
      name,
      shape,
      values: Float32Array.from(values),
    }));
    const file = write("unpaired.safetensors", encodeSafetensors(tensors));
    expect(() => readSafetensorsFile(file, "class")).toThrow(`Cannot read ${file} as ${message}`);
  });
});

describe("damaged bytes", () => {
  const whole: readonly [string, (file: string, kind: "class") => DataSplit, Buffer][] = [
    ["damaged.npz", readNpzFile, readFileSync(fixture("deflated.npz"))],
    ["damaged.npz", readNpzFile, readFileSync(fixture("stored.npz"))],
    ["features.npy", readNpyFile, readFileSync(fixture("features.npy"))],
  ];
  test.each(whole)("of %s are an error of this package, or numbers", (name, read, bytes) => {
    write("labels.npy", readFileSync(fixture("labels.npy")));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const damaged = Uint8Array.from(isCut ? bytes.subarray(0, at) : bytes);
        if (!isCut) damaged[at] = value;
        const file = write(name, damaged);
        try {
          read(file, "class");
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect(error).toMatchObject({ code: "BAD_DATA" });
        }
      }),
      { numRuns: 300 },
    );
  });
});
