/**
 * Features and labels by the names that arrays have in files, as a data set.
 *
 * Owns which names are known and what must hold between the arrays of a pair; the formats are in `npy.ts`, `zip.ts` and
 * `formats/safetensors-header.ts`.
 */
import type { ColumnData, DataSplit, Dataset } from "./dataset.ts";
import type { LabelKind } from "./label-kind.ts";
import { type FlatNumbers, toColumn } from "./to-column.ts";

/** Numbers as a file has them. Integers are in arrays of integers. */
export interface Tensor {
  /** Row-major. */
  readonly values: FlatNumbers;
  readonly shape: readonly number[];
}

type Refuse = (rule: string, received: unknown) => Error;

/** Names of features and labels, and of those to test with. */
const names = [
  ["features", "labels", "test_features", "test_labels"],
  ["x_train", "y_train", "x_test", "y_test"],
  ["x", "y", "test_x", "test_y"],
] as const;

/** @throws {YfError} What `refuse` makes, if a pair is incomplete or its arrays do not fit. */
export function pairTensors(
  tensors: ReadonlyMap<string, Tensor>,
  kind: LabelKind,
  refuse: Refuse,
): DataSplit {
  const known = names.find(([features]) => tensors.has(features));
  if (known === undefined) {
    const rule = `it must hold ${names.map(([features, labels]) => `${features} and ${labels}`).join(", or ")}`;
    throw refuse(rule, [...tensors.keys()].slice(0, 10).join(", ") || "nothing");
  }
  const [features, labels, testFeatures, testLabels] = known;
  const pair = (x: string, y: string) => {
    const [inputs, targets] = [tensors.get(x), tensors.get(y)];
    if (inputs === undefined || targets === undefined) {
      throw refuse(`${x} and ${y} must both be there`, inputs === undefined ? `no ${x}` : `no ${y}`);
    }
    return datasetOf(inputs, targets, kind, (rule, received) => refuse(rule, received), [x, y]);
  };
  const train = pair(features, labels);
  const hasTest = tensors.has(testFeatures) || tensors.has(testLabels);
  return { train, test: hasTest ? pair(testFeatures, testLabels) : null };
}

/**
 * One data set of two arrays.
 *
 * Bytes of images, `[N, H, W]` or `[N, H, W, C]`, are divided by 255; every other number is taken as it is.
 *
 * @param called What the two are called in errors.
 */
function datasetOf(
  features: Tensor,
  labels: Tensor,
  kind: LabelKind,
  refuse: Refuse,
  [x, y]: readonly [string, string] = ["features", "labels"],
): Dataset {
  const [length] = features.shape;
  if (features.shape.length < 2 || features.values.length === 0) {
    throw refuse(
      `${x} must have the shape [N, ...] of at least one example`,
      `[${features.shape.join(", ")}]`,
    );
  }
  if (labels.shape[0] !== length) {
    throw refuse(
      `${y} must have one entry for each of the ${length} examples`,
      `[${labels.shape.join(", ")}]`,
    );
  }
  const isImage = features.values instanceof Uint8Array && features.shape.length > 2;
  const column = toColumn(x, { shape: features.shape.slice(1), values: features.values }, "float32", refuse);
  return {
    features: [isImage ? { ...column, scale: 1 / 255 } : column],
    labels: [labelColumn(labels, y, kind, refuse)],
    length,
  };
}

function labelColumn({ shape, values }: Tensor, name: string, kind: LabelKind, refuse: Refuse) {
  const scalar = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  const floats = values instanceof Float32Array || values instanceof Float64Array;
  const classes = kind === "class" && scalar && !floats && values.every((label) => label >= 0);
  if (classes) return toColumn(name, { shape: [], values }, "int32", refuse);
  // One number is a prediction of width 1, as a layer of one unit gives it.
  return toColumn(name, { shape: scalar ? [1] : shape.slice(1), values }, "float32", refuse);
}

/** Number of classes that the first column of labels names, or the width of a label that is none. */
export function outputsOf({ labels: [{ classes, data, dtype, shape }] }: Dataset): number {
  if (dtype === "float32") return shape.reduce((product, size) => product * size, 1);
  return classes ?? largest(data) + 1;
}

function largest(data: ColumnData): number {
  let most = 0;
  for (const value of data) if (value > most) most = value;
  return most;
}
