/**
 * Reads the text format of LIBSVM and SVMlight: a line `LABEL INDEX:VALUE INDEX:VALUE ... # comment` for each example, with
 * the features that are not 0 by index.
 *
 * Owns the format and its way into dense shared memory. Files that end in `.gz` are decompressed.
 * Sources: C.-C. Chang, C.-J. Lin, "LIBSVM: a library for support vector machines", README, section "svm-train";
 * T. Joachims, SVMlight, "How to use"; scikit-learn, `load_svmlight_file`, for where indices begin.
 */
import { badFile } from "./bad-file.ts";
import { type Classes, classesOfNumbers, namesOf } from "./class-labels.ts";
import type { Column, DataSplit, Dataset } from "./dataset.ts";
import type { LabelKind } from "./label-kind.ts";
import { forEachLine } from "./text-lines.ts";

export interface LibsvmOptions {
  readonly labels: LabelKind;
  /** Another file to test with; null for none. */
  readonly testFile: string | null;
  /** Number of features; null for the largest index of the files. */
  readonly features: number | null;
  /** Where indices begin; null for 0 if there is such an index, else 1. */
  readonly firstIndex?: 0 | 1 | null;
}

/** Dense examples may take this much shared memory; sparse files can ask for any amount. */
const maxDenseBytes = 2 ** 31;

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const wholeNumber = /^\d{1,9}$/;

/**
 * Reads a file, and perhaps one to test with. Features are `[width]` float32, 0 where a line does not name them; labels are
 * int32 class indices, or `[1]` float32. Identifiers of queries (`qid:3`) are left out.
 *
 * @throws {YfError} `BAD_DATA` if a file cannot be read, has no examples, or is too large when dense; with the line's
 *   number (from 1) if a line breaks the format, a label to test with is none of the data to train on, or a value is not
 *   finite in float32.
 */
export async function readLibsvm(
  file: string,
  { features, firstIndex = null, labels, testFile }: LibsvmOptions,
): Promise<DataSplit & { classes: number }> {
  const train = await scan(file);
  const tested = testFile === null ? null : await scan(testFile);
  const scans = tested === null ? [train] : [train, tested];
  const smallest = Math.min(...scans.map(({ smallest }) => smallest));
  const largest = Math.max(...scans.map(({ largest }) => largest));
  const first = firstIndex ?? (smallest === 0 ? 0 : 1);
  const width = features ?? Math.max(1, largest - first + 1);
  const refuse = (rule: string, received: unknown) => badFile(file, rule, received);
  const classes = labels === "value" ? null : classesOfNumbers(train.labels, refuse);
  const form: Form = { first, width, classes };
  const notes = [
    ...(first === 0 ? [`Indices of ${file} are counted from 0.`] : []),
    ...(scans.some(({ hasQueries }) => hasQueries) ? ["Identifiers of queries (qid) are left out."] : []),
  ];
  return {
    train: await readExamples(file, train.examples, form),
    test: testFile === null || tested === null ? null : await readExamples(testFile, tested.examples, form),
    notes,
    reading: { form: "libsvm", firstIndex: first },
    classes: classes?.size ?? 1,
  };
}

interface Form {
  /** Index of the first feature. */
  readonly first: number;
  readonly width: number;
  /** Null where labels are numbers. */
  readonly classes: Classes<number> | null;
  /** Whether labels are read; default true. Without, a line may lack its own. */
  readonly hasLabels?: boolean;
}

/** How another file of the same features is read. */
export interface AlikeLibsvm {
  readonly firstIndex: number;
  /** Number of features. */
  readonly width: number;
  /** Null where labels are numbers. */
  readonly classNames: readonly string[] | null;
  readonly hasLabels: boolean;
}

/** Reads a file by the rules of the one to train on. @throws {YfError} `BAD_DATA`, as {@link readLibsvm}. */
export async function readLibsvmAlike(
  file: string,
  { classNames, firstIndex, hasLabels, width }: AlikeLibsvm,
): Promise<Dataset> {
  const classes = classNames && new Map(classNames.map((name, index) => [Number(name), index]));
  const { examples } = await scan(file, hasLabels);
  return readExamples(file, examples, { first: firstIndex, width, classes, hasLabels });
}

type Refuse = (rule: string, received: string) => Error;

/** One line; pairs are texts `INDEX:VALUE`. */
interface Example {
  readonly label: number;
  readonly pairs: readonly string[];
  readonly hasQuery: boolean;
}

/** @returns Null for a line that is empty but for a comment. */
function parseLine(text: string, refuse: Refuse, hasLabels: boolean): Example | null {
  const comment = text.indexOf("#");
  const parts = (comment < 0 ? text : text.slice(0, comment)).trim().split(/[ \t]+/);
  // A line without a label begins with a feature.
  const [label, ...pairs] = !hasLabels && parts[0].includes(":") ? ["0", ...parts] : parts;
  if (label === "") return null;
  if (label.includes(","))
    throw refuse("must have one label: several of an example cannot be trained", label);
  if (!number.test(label) || !Number.isFinite(Math.fround(Number(label)))) {
    throw refuse("must begin with a label, a number", label);
  }
  const hasQuery = pairs[0]?.startsWith("qid:") ?? false;
  return { label: Number(label), pairs: hasQuery ? pairs.slice(1) : pairs, hasQuery };
}

const refusing =
  (file: string, line: number): Refuse =>
  (rule, received) =>
    badFile(file, `line ${line} ${rule}`, received, { line });

interface Scan {
  readonly examples: number;
  /** Indices; infinite where a file names no feature. */
  readonly smallest: number;
  readonly largest: number;
  readonly labels: ReadonlySet<number>;
  readonly hasQueries: boolean;
}

async function scan(file: string, hasLabels = true): Promise<Scan> {
  let [examples, smallest, largest, hasQueries] = [0, Number.POSITIVE_INFINITY, 0, false];
  const labels = new Set<number>();
  await forEachLine(file, (text, line) => {
    const refuse = refusing(file, line);
    const example = parseLine(text, refuse, hasLabels);
    if (example === null) return;
    examples++;
    labels.add(example.label);
    hasQueries ||= example.hasQuery;
    for (const pair of example.pairs) {
      const index = indexOf(pair, refuse);
      if (index < smallest) smallest = index;
      if (index > largest) largest = index;
    }
  });
  if (examples === 0) throw badFile(file, "must hold at least one example");
  return { examples, smallest, largest, labels, hasQueries };
}

function indexOf(pair: string, refuse: Refuse): number {
  const colon = pair.indexOf(":");
  const index = pair.slice(0, Math.max(colon, 0));
  if (!wholeNumber.test(index) || !number.test(pair.slice(colon + 1))) {
    throw refuse("must hold features as INDEX:VALUE after the label", pair);
  }
  return Number(index);
}

async function readExamples(
  file: string,
  examples: number,
  { classes, first, hasLabels = true, width }: Form,
): Promise<Dataset> {
  if (4 * examples * width > maxDenseBytes) {
    const rule = `its examples, all features written out, must fit in ${maxDenseBytes} bytes`;
    throw badFile(file, rule, `${examples} examples of ${width} features`);
  }
  const features = new Float32Array(new SharedArrayBuffer(4 * examples * width));
  const shared = new SharedArrayBuffer(hasLabels ? 4 * examples : 0);
  const targets = classes === null ? new Float32Array(shared) : new Int32Array(shared);
  /** The line that named a feature last. */
  const namedIn = new Uint32Array(width);
  let row = 0;
  await forEachLine(file, (text, line) => {
    const refuse = refusing(file, line);
    const example = parseLine(text, refuse, hasLabels);
    if (example === null) return;
    // Adding 0 makes −0 the 0 that it equals.
    const target = classes === null ? example.label : classes.get(example.label + 0);
    if (hasLabels) {
      if (target === undefined)
        throw refuse("must begin with a label of the data to train on", `${example.label}`);
      targets[row] = target;
    }
    for (const pair of example.pairs) {
      const place = indexOf(pair, refuse) - first;
      if (place < 0 || place >= width) {
        throw refuse(
          `must hold indices in [${first}, ${width + first - 1}] (--features says how many there are)`,
          pair,
        );
      }
      if (namedIn[place] === line) throw refuse("must hold an index once", pair);
      namedIn[place] = line;
      const value = Math.fround(Number(pair.slice(pair.indexOf(":") + 1)));
      if (!Number.isFinite(value)) throw refuse("must hold values that are finite in float32", pair);
      features[row * width + place] = value;
    }
    row++;
  });
  const plain = { scale: 1, offset: 0 } as const;
  const label: Column =
    classes === null
      ? { ...plain, data: targets, shape: [1], dtype: "float32" }
      : {
          ...plain,
          data: targets,
          shape: [],
          dtype: "int32",
          classes: classes.size,
          classNames: namesOf(classes),
        };
  return {
    features: [{ ...plain, data: features, shape: [width], dtype: "float32" }],
    labels: hasLabels ? [label] : [],
    length: examples,
  };
}
