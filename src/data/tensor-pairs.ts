/**
 * Features and labels among the arrays of a file, as a data set.
 *
 * Owns what must hold between the arrays; their names are in `array-names.ts`, the formats in `npy.ts`, `zip.ts` and
 * `formats/safetensors-header.ts`.
 */
import { cannot, YfError } from "../errors.ts";
import { type ArrayChoice, chooseArrays, chooseFeatures, knownNames } from "./array-names.ts";
import { type Classes, classesOfNumbers, maxClasses, namesOf } from "./class-labels.ts";
import type { Column, DataSplit, Dataset } from "./dataset.ts";
import type { LabelKind } from "./label-kind.ts";
import { roundedIntegers } from "./rounded-integers.ts";
import { type FlatNumbers, toColumn } from "./to-column.ts";

/** Numbers as a file has them. Integers are in arrays of integers. */
export interface Tensor {
  /** What the file's format calls its elements, such as `int64`. */
  readonly type: string;
  /** Row-major. */
  readonly values: FlatNumbers;
  readonly shape: readonly number[];
}

/** The arrays of a file by name, each read when it is asked for. */
export type TensorReaders = ReadonlyMap<string, () => Tensor>;

export interface PairOptions extends ArrayChoice {
  readonly kind: LabelKind;
  /** What the labels must have the classes of; null for classes of their own. */
  readonly like: KnownLabels | null;
  /** Whether labels are wanted; default true. */
  readonly hasLabels?: boolean;
}

interface KnownLabels {
  readonly labels: readonly Pick<Column, "name" | "classNames">[];
}

/** Which arrays are what, by their names up to a slash. */
interface ArrayPairs {
  readonly features: string;
  /** Null where none are wanted. */
  readonly labels: string | null;
  readonly test: { readonly features: string; readonly labels: string } | null;
  /** Those that are not read. */
  readonly unused: readonly string[];
}

type Refuse = (rule: string, received?: unknown) => Error;

/**
 * Chooses among the arrays of a file those with known names, or those that the user names. A name may be followed by `/`
 * and a word, for one of several columns: `features/image` and `features/facts` are for the inputs `image` and `facts` of
 * a model.
 *
 * @throws What `refuse` makes, if features or labels are missing; it tells all names.
 */
export function choosePair(
  readers: TensorReaders,
  choice: ArrayChoice & Pick<PairOptions, "hasLabels">,
  refuse: Refuse,
): ArrayPairs {
  const titles = [...readers.keys()];
  const names = [...new Set(titles.map(nameOf))];
  const { hasLabels = true } = choice;
  const chosen = hasLabels
    ? chooseArrays(names, choice)
    : { features: chooseFeatures(names, choice.featuresArray), labels: null, test: null };
  const required = (role: "features" | "labels"): string => {
    const name = chosen[role];
    if (name !== null && titlesOf(titles, name).length > 0) return name;
    const rule =
      name === null
        ? `its ${role} must be in an array with a known name, ${knownNames[role]} (--${role}-array NAME names another)`
        : `its ${role} must be in the array ${name}`;
    throw refuse(rule, describe(readers));
  };
  const features = required("features");
  const labels = hasLabels ? required("labels") : null;
  const used = [features, labels ?? features, ...Object.values(chosen.test ?? {})];
  const unused = titles.filter((title) => !used.some((name) => titlesOf([title], name).length > 0));
  return { features, labels, test: chosen.test, unused };
}

/** @throws What `refuse` makes, if arrays do not fit. */
export function pairTensors(
  readers: TensorReaders,
  { features, labels, test, unused }: ArrayPairs,
  { kind, like }: Pick<PairOptions, "kind" | "like">,
  refuse: Refuse,
): DataSplit {
  const notes: string[] = [];
  const read = (x: string, y: string | null, from: KnownLabels | null) =>
    datasetOf(columnsOf(readers, x), y === null ? [] : columnsOf(readers, y), {
      kind,
      like: from,
      notes,
      refuse,
    });
  const train = read(features, labels, like);
  const tested = test === null ? null : read(test.features, test.labels, train);
  if (unused.length > 0) notes.push(`Arrays that are not used: ${listed(unused)}.`);
  return { train, test: tested, notes };
}

/** Up to the first slash. */
const nameOf = (title: string) => title.split("/", 1)[0];

/** The array of a name, or those whose name begins with it and a slash. */
function titlesOf(titles: readonly string[], name: string): readonly string[] {
  return titles.includes(name) ? [name] : titles.filter((title) => title.startsWith(`${name}/`));
}

/** More names, and longer ones, are no help in an error. */
const mostNames = 10;

export const listed = (names: readonly string[]) =>
  names.slice(0, mostNames).join(", ") +
  (names.length > mostNames ? ` and ${names.length - mostNames} more` : "");

/** What arrays there are. */
function describe(readers: TensorReaders): string {
  const texts = [...readers].slice(0, mostNames).map(([title, read]) => {
    try {
      const { shape, type } = read();
      return `${title} (${type} [${shape.join(", ")}])`;
    } catch {
      // What no reader reads has a name even so.
      return title;
    }
  });
  if (texts.length === 0) return "no arrays";
  return texts.join(", ") + (readers.size > mostNames ? ` and ${readers.size - mostNames} more` : "");
}

/** An array of a file and what it is called there. */
interface NamedTensor extends Tensor {
  readonly title: string;
  /** Of the column, where there are several. */
  readonly name: string | null;
}

function columnsOf(readers: TensorReaders, name: string): NamedTensor[] {
  return titlesOf([...readers.keys()], name).map((title) => ({
    ...(readers.get(title) as () => Tensor)(),
    title,
    name: title === name ? null : title.slice(name.length + 1),
  }));
}

interface PairContext extends Pick<PairOptions, "kind" | "like"> {
  readonly notes: string[];
  readonly refuse: Refuse;
}

/** Bytes of images, `[N, H, W]` or `[N, H, W, C]`, are divided by 255; every other number is taken as it is. */
function datasetOf(
  features: readonly NamedTensor[],
  labels: readonly NamedTensor[],
  { kind, like, notes, refuse }: PairContext,
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
      if (isImage) notes.push(`Bytes of images in ${title} are divided by 255.`);
      if (isChannelsFirst(shape)) {
        const size = shape.slice(1).join(", ");
        notes.push(`${title} looks like images [C, H, W], [${size}]; layers take [H, W, C].`);
      }
      const rounded = roundedIntegers(values, shape);
      if (rounded !== null) notes.push(`${title} holds integers that float32 rounds, first ${rounded}.`);
      return named(tensor, isImage ? { ...column, scale: 1 / 255 } : column);
    }),
    labels: labels.map((tensor, i) => {
      const known = like?.labels.find(({ name }) => name === tensor.name) ?? like?.labels[i];
      return named(tensor, labelColumn(tensor, kind, known?.classNames ?? null, refuse));
    }),
    length,
  };
}

/** Whether an array of images has its channels where PyTorch has them. */
function isChannelsFirst([, channels, height, width, more]: readonly number[]): boolean {
  return more === undefined && (channels === 1 || channels === 3) && height > 4 && width > 4;
}

/** @param classNames Of the classes that there are; null where the labels say so. */
function labelColumn(
  { shape, title, values }: NamedTensor,
  kind: LabelKind,
  classNames: readonly string[] | null,
  refuse: Refuse,
): Column {
  const scalar = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (kind === "class" && scalar) {
    const classes =
      classNames === null
        ? classesOfNumbers(values, (rule, received) => refuse(`${title}: ${rule}`, received))
        : new Map(classNames.map((name, index) => [Number(name), index]));
    if (classes !== null) return classColumn(title, values, classes, refuse);
  }
  // One number is a prediction of width 1, as a layer of one unit gives it.
  return toColumn(title, { shape: scalar ? [1] : shape.slice(1), values }, "float32", refuse);
}

function classColumn(title: string, values: FlatNumbers, classes: Classes<number>, refuse: Refuse): Column {
  const indices = Int32Array.from(values, (label) => classes.get(label) ?? -1);
  const wrong = indices.indexOf(-1);
  if (wrong >= 0) {
    throw refuse(`${title} must hold classes of the data to train on`, `${values[wrong]} at [${wrong}]`);
  }
  const column = toColumn(title, { shape: [], values: indices }, "int32", refuse);
  return { ...column, classes: classes.size, classNames: namesOf(classes) };
}

/**
 * Number of classes that the first column of labels names, or the width of a label that is none.
 *
 * @throws {YfError} `BAD_DATA` if a class index is larger than any data set's.
 */
export function outputsOf({ labels: [{ classes, data, dtype, shape }] }: Dataset): number {
  if (dtype === "float32") return shape.reduce((product, size) => product * size, 1);
  if (classes !== undefined) return classes;
  let most = 0;
  for (const index of data) most = Math.max(most, index);
  if (most < maxClasses) return most + 1;
  const rule = `class indices must be below ${maxClasses}`;
  throw new YfError("BAD_DATA", cannot("make a model for the labels", rule, most), {
    largest: most,
    maxClasses,
  });
}
