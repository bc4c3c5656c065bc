/**
 * Features and labels by the names that arrays have in files, as a data set.
 *
 * Owns which names are known and what must hold between the arrays of a pair; the formats are in `npy.ts`, `zip.ts` and
 * `formats/safetensors-header.ts`.
 */
import type { Column, ColumnData, DataSplit, Dataset } from "./dataset.ts";
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

/**
 * A data set of the arrays with known names. A name may be followed by `/` and a word, for one of several columns:
 * `features/image` and `features/facts` are for the inputs `image` and `facts` of a model.
 *
 * @throws {YfError} What `refuse` makes, if features or labels are missing or their arrays do not fit.
 */
export function pairTensors(
  tensors: ReadonlyMap<string, Tensor>,
  kind: LabelKind,
  refuse: Refuse,
): DataSplit {
  const known = names.find(([features]) => columnsOf(tensors, features).length > 0);
  if (known === undefined) {
    const rule = `it must hold ${names.map(([features, labels]) => `${features} and ${labels}`).join(", or ")}`;
    throw refuse(rule, [...tensors.keys()].slice(0, 10).join(", ") || "nothing");
  }
  const [features, labels, testFeatures, testLabels] = known;
  const pair = (x: string, y: string) => {
    const [inputs, targets] = [columnsOf(tensors, x), columnsOf(tensors, y)];
    if (inputs.length === 0 || targets.length === 0) {
      throw refuse(`${x} and ${y} must both be there`, inputs.length === 0 ? `no ${x}` : `no ${y}`);
    }
    return datasetOf(inputs, targets, kind, refuse);
  };
  const train = pair(features, labels);
  const hasTest = [testFeatures, testLabels].some((name) => columnsOf(tensors, name).length > 0);
  return { train, test: hasTest ? pair(testFeatures, testLabels) : null };
}

/** An array of a file and what it is called there. */
interface NamedTensor extends Tensor {
  readonly title: string;
  /** Of the column, where there are several. */
  readonly name: string | null;
}

/** The array of a name, or those whose name begins with it and a slash. */
function columnsOf(tensors: ReadonlyMap<string, Tensor>, kind: string): NamedTensor[] {
  const alone = tensors.get(kind);
  if (alone !== undefined) return [{ ...alone, title: kind, name: null }];
  return [...tensors].flatMap(([title, tensor]) =>
    title.startsWith(`${kind}/`) ? [{ ...tensor, title, name: title.slice(kind.length + 1) }] : [],
  );
}

/** Bytes of images, `[N, H, W]` or `[N, H, W, C]`, are divided by 255; every other number is taken as it is. */
function datasetOf(
  features: readonly NamedTensor[],
  labels: readonly NamedTensor[],
  kind: LabelKind,
  refuse: Refuse,
): Dataset {
  const [length] = features[0].shape;
  for (const { shape, title, values } of features) {
    if (shape.length < 2 || values.length === 0) {
      throw refuse(`${title} must have the shape [N, ...] of at least one example`, `[${shape.join(", ")}]`);
    }
  }
  for (const { shape, title } of [...features, ...labels]) {
    if (shape[0] === length) continue;
    throw refuse(`${title} must have one entry for each of the ${length} examples`, `[${shape.join(", ")}]`);
  }
  const named = ({ name }: NamedTensor, column: Column): Column =>
    name === null ? column : { ...column, name };
  return {
    features: features.map((tensor) => {
      const { shape, title, values } = tensor;
      const isImage = values instanceof Uint8Array && shape.length > 2;
      const column = toColumn(title, { shape: shape.slice(1), values }, "float32", refuse);
      return named(tensor, isImage ? { ...column, scale: 1 / 255 } : column);
    }),
    labels: labels.map((tensor) => named(tensor, labelColumn(tensor, tensor.title, kind, refuse))),
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
