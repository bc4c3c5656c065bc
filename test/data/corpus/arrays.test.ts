/** Files of arrays as NumPy, SciPy and safetensors write them (`arrays/make.py`), and damaged ones. */
import { describe } from "vitest";
import { checkCorpus, type Expected } from "./check-corpus.ts";

/** What most files hold. */
const features = [0, 1, 2, 3, 4, 5];
const usual: Expected = {
  features,
  shape: [2],
  labels: [2, 0, 1],
  classNames: ["0", "1", "2"],
  tested: null,
};
const same = (...files: string[]) => Object.fromEntries(files.map((file) => [file, usual]));
const refused = (...parts: string[]): Expected => ({ refused: parts });

describe("types of elements", () => {
  const codes = ["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"];
  const swapped = ["f2", "f4", "f8", "i2", "u4", "i8"];
  checkCorpus("arrays", {
    ...same(...codes.map((code) => `type-${code}.npz`), ...swapped.map((code) => `big-endian-${code}.npz`)),
    "type-bool.npz": { features: [0, 1, 0, 1, 0, 1], labels: [1, 0, 1], classNames: ["0", "1"] },
    // −1/3 has the nearest float16 −1365/4096.
    "float16-extremes.npz": { features: [2 ** -24, 65504, 0, -1365 / 4096] },
    "float16-infinity.npz": refused("x", "Infinity at [0, 1]"),
    "type-complex.npz": refused("x.npy at byte 8", "complex numbers, '<c8'"),
    "type-object.npz": refused("Python objects, '|O'"),
    "type-string.npz": refused("strings, '<U"),
    "type-bytes.npz": refused("strings of bytes, '|S"),
    "type-date.npz": refused("dates, '<M8[D]'"),
    "type-time-difference.npz": refused("time differences, '<m8[s]'"),
    "type-long-double.npz": refused("floats of more than 64 bits, '<f16'"),
    "type-bfloat16.npz": refused("raw bytes, '<V2'"),
    "type-records.npz": refused("records, [('a', '<f4'), ('b', '<i4')]"),
    "int64-large.npz": { features: [2 ** 40, -(2 ** 40), 3], notes: [] },
    "int64-rounded.npz": { features: [1, 2 ** 24, 3], notes: ["float32 rounds, first 16777217 at [1, 0]"] },
    "int64-beyond-53-bits.npz": refused("x.npy", "9007199254740993 at [2, 0]"),
    "uint64-beyond-53-bits.npz": refused("x.npy", "9223372036854775808 at [1, 0]"),
    // Two classes, not 2³¹.
    "label-2-to-31.npz": { labels: [0, 1, 0], classNames: ["0", "2147483648"] },
  });
});

describe("orders of elements", () => {
  checkCorpus("arrays", {
    ...same("fortran.npz", "fortran-big-endian.npz"),
    "fortran-rank-3.npz": { features: [...Array(12).keys()], shape: [3, 2] },
  });
});

describe("names of arrays", () => {
  const tested = { ...usual, tested: [2] };
  const own = { featuresArray: "embedding_train", labelsArray: "kind_train" };
  checkCorpus("arrays", {
    "names-upper-case.npz": usual,
    "names-sklearn.npz": { ...tested, notes: [] },
    "names-before.npz": { ...usual, tested: [2, 0] },
    "names-camel.npz": usual,
    "names-arr.npz": usual,
    "names-arr-4.npz": refused(
      "--features-array",
      "arr_0 (float32 [3, 2]), arr_1 (int64 [3]), arr_2",
      "arr_3",
    ),
    "names-arr-4.npz by name": { ...usual, options: { featuresArray: "arr_2", labelsArray: "arr_3" } },
    "names-target.npz": { ...usual, notes: ["not used: feature_names"] },
    "names-data-labels.npz": usual,
    "names-inputs.npz": usual,
    "names-images.npz": {
      shape: [4, 4],
      labels: [2, 0, 1],
      tested: [2],
      notes: [
        "train_images are divided by 255",
        "test_images are divided",
        "not used: val_images, val_labels",
      ],
    },
    "names-validation.npz": tested,
    "names-unlabelled-test.npz": { ...usual, notes: ["not used: x_test"] },
    "names-own.npz": refused("--features-array", "embedding_train (float32 [3, 2]), kind_train (int64 [3])"),
    "names-own.npz by name": { ...tested, options: own },
    "names-own.npz by a wrong name": {
      ...refused("embeddings", "embedding_train"),
      options: { ...own, featuresArray: "embeddings" },
    },
    "names-no-labels.npz": refused("labels", "--labels-array", "features (float32 [3, 2])"),
    "names-columns.npz": { features: [...features, 0, 2, 4], labels: [2, 0, 1] },
    "unread-objects.npz": { ...usual, notes: ["not used: names, dates"] },
    "other-files.npz": usual,
  });
});

describe("labels and features", () => {
  checkCorpus("arrays", {
    ...same("labels-float.npz", "labels-column.npz"),
    "labels-float.npz as numbers": { labels: [2, 0, 1], classNames: null, options: { labels: "value" } },
    "labels-from-1.npz": { labels: [2, 0, 1], classNames: ["1", "2", "3"] },
    "labels-minus-1.npz": { labels: [0, 1, 0], classNames: ["-1", "1"] },
    "labels-gaps.npz": { labels: [1, 0, 2], classNames: ["10", "30", "255"] },
    "labels-one-hot.npz": { labels: [0, 0, 1, 1, 0, 0, 0, 1, 0], classNames: null },
    "labels-fractions.npz": { labels: [1, 0, 0.5], classNames: null },
    "labels-nan.npz": refused("y", "NaN at [1, 0]"),
    "labels-new-in-test.npz": refused("y_test", "3 at [0]"),
    "labels-too-few.npz": refused("y", "3 examples", "[2]"),
    "features-nan.npz": refused("x", "NaN at [1, 1]"),
    "features-beyond-float32.npz": refused("x", "1e+300 at [2, 0]"),
    "features-scalars.npz": refused("x", "[N, ...]"),
    "features-none.npz": refused("x", "at least one example"),
    "images-channels-first.npz": { shape: [3, 8, 8], notes: ["[C, H, W]"] },
  });
});

describe("headers", () => {
  checkCorpus("arrays", {
    ...same("version-2.npz", "version-3.npz", "header-python-2.npz"),
    "version-9.npz": refused("x.npy at byte 0", "version"),
    "header-double-quotes.npz": usual,
    "header-too-many.npz": refused("x.npy", "[1000000000, 1000000000]"),
    "header-too-few.npz": refused("x.npy", "[3, 1]"),
    "header-negative.npz": refused("x.npy", "shape"),
    "header-no-shape.npz": refused("x.npy", "shape"),
    "header-no-order.npz": refused("x.npy", "fortran_order"),
    "header-beyond-end.npz": refused("x.npy", "header must end"),
    "no-npy.npz": refused("x.npy", "93 NUMPY"),
  });
});

describe("archives", () => {
  checkCorpus("arrays", {
    ...same("stored.npz", "deflated.npz", "zip64.npz", "comment.npz"),
    "bzip2.npz": refused("x.npy", "method 12"),
    "truncated.npz": refused("directory"),
    "empty.npz": refused("directory"),
    "empty-archive.npz": refused("no arrays"),
    "wrong-checksum.npz": refused("x.npy", "checksum"),
    "encrypted.npz": refused("x.npy", "encrypted"),
  });
});

describe("arrays in files of their own", () => {
  const sparse: Expected = { features: [0, 1.5, 0, 2, 0, -3], shape: [3], labels: [2, 0] };
  const labelled = (form: string) => ({ ...sparse, options: { labelsArray: `y_${form}` } });
  checkCorpus("arrays", {
    "X_train.npy": { ...usual, tested: [2] },
    "X_test.npy": { features: [0, 1], labels: [0], classNames: ["2"] },
    "alone.npy": refused("labels", "--labels-array", "X_test, X_train"),
    "alone.npy by name": { ...usual, options: { labelsArray: "y_train" } },
    "alone.npy by a wrong name": { ...refused("nothing.npy"), options: { labelsArray: "nothing" } },
    "x_csr.npz": sparse,
    "x_csc.npz": labelled("csr"),
    "x_coo.npz": sparse,
    "x_bsr.npz": refused("csr, csc or coo", "bsr"),
    "x_dia.npz": refused("dia"),
    "x_huge.npz": refused("2 × 2147483647"),
    "x_outside.npz": refused("2 × 3 matrix", "[0, 3]"),
    "x_falling.npz": refused("indptr"),
  });
});

describe("safetensors", () => {
  checkCorpus("arrays", {
    ...same(...["F16", "F64", "I16", "U32", "I64", "U64", "BF16"].map((type) => `${type}.safetensors`)),
    "BOOL.safetensors": { features: [0, 1, 0, 1, 0, 1], labels: [1, 0, 1] },
    "F8-unread.safetensors": { ...usual, notes: ["not used: other"] },
    "F8.safetensors": refused("x must be of a type", "F8_E4M3"),
    "header-lies.safetensors": refused("[300, 1]"),
    "truncated.safetensors": refused("bytes"),
  });
});
