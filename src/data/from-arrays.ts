/**
 * Makes data sets from arrays that a library user has: copies them once into shared memory.
 *
 * Owns the checks on users' arrays; after them every row of a column has one shape and every number is finite.
 */
import { cannot, YfError } from "../errors.ts";
import type { Column, Dataset } from "./dataset.ts";
import { flattenNested, type Nested } from "./flatten-nested.ts";
import type { LabelKind, LabelKinds } from "./label-kind.ts";
import { type FlatNumbers, type Numbers, toColumn } from "./to-column.ts";

/** One column of examples: their numbers, and what is to be known of them. */
export interface ColumnArray {
  /** `[N, ...shape]`, flat or nested. Bytes stay bytes in memory; all other numbers are stored in 32 bits. */
  readonly values: FlatNumbers | Nested | TensorLike;
  /**
   * Shape of one example. Default: the nesting; for a flat array of features `[values.length / N]`, N being the number of
   * labels, and for flat labels [].
   */
  readonly shape?: readonly number[] | undefined;
  /**
   * Element type in a minibatch. Default: float32 for features. For labels int32, which is class indices, if they are
   * scalars, or rows of one number, that are all integers ≥ 0, in an array of any type, and their loss does not take numbers,
   * as a function does whose output is one number; else float32.
   */
  readonly type?: "float32" | "int32" | undefined;
  /** Number of classes: int32 values must be in [0, classes). Default: not checked. */
  readonly classes?: number | undefined;
  /** float32 values are `scale·x + offset` in a minibatch. Default 1 and 0. */
  readonly scale?: number | undefined;
  /** See {@link scale}. */
  readonly offset?: number | undefined;
}

/** A tensor of TensorFlow.js, of whichever copy of it: `[N, ...shape]`. It stays the user's own to dispose of. */
export interface TensorLike {
  /** `[N, ...]`. */
  readonly shape: readonly number[];
  /** Element type, by TensorFlow.js's name. */
  readonly dtype: string;
  /** The elements, row-major. */
  dataSync(): ArrayLike<unknown>;
}

/** One column of examples: flat or nested numbers or a tensor, perhaps with more to know of them. */
export type ColumnSource = FlatNumbers | Nested | TensorLike | ColumnArray;

/**
 * One column; or one for each input or output of the model: a list in their order, or a record by their names. An object
 * with `values` is a column, and an array that begins with a number or an array is nested numbers of one.
 */
export type ColumnSources =
  | ColumnSource
  | readonly (FlatNumbers | TensorLike | ColumnArray)[]
  | Readonly<Record<string, ColumnSource>>;

/** A user's examples, as arrays. */
export interface ArrayData {
  /** What the model sees. */
  readonly features: ColumnSources;
  /** What its outputs are compared with. */
  readonly labels: ColumnSources;
}

/**
 * Checks arrays and copies them into shared memory.
 *
 * @param kinds Of labels; class indices wherever they can be by default.
 * @throws {YfError} `BAD_DATA` if there are no examples, lengths or shapes do not agree, or a number is not finite, not
 *   an integer where int32 is asked for, or no class index.
 * @example
 * ```ts
 * const xor = fromArrays({ features: [[0, 0], [0, 1], [1, 0], [1, 1]], labels: { values: [0, 1, 1, 0], classes: 2 } });
 * xor.length; // → 4
 * ```
 */
export function fromArrays(data: ArrayData, kinds: LabelKinds = () => "class"): Dataset {
  requireOnly("the arrays", data, ["features", "labels"]);
  const { features, labels } = data;
  const targets = columnsOf("labels", labels).map((source) => flatten(source, []));
  const [first] = targets;
  const inputs = columnsOf("features", features).map((source) => flatten(source, first.length));
  for (const { length, title } of [...inputs, ...targets]) {
    if (length === first.length) continue;
    throw bad(
      "there must be one label for each example",
      `${length} in ${title}, ${first.length} in ${first.title}`,
    );
  }
  return {
    features: inputs.map((rows) => columnOf(rows, rows.source.type ?? "float32")),
    labels: targets.map((rows, i) => labelColumnOf(rows, kinds(i, rows.name))),
    length: first.length,
  };
}

/** A column of the user's, and what it is called: in errors, and, if it is in a record, by the model. */
interface NamedSource {
  readonly title: string;
  readonly name: string | undefined;
  readonly source: ColumnArray;
}

function columnsOf(kind: "features" | "labels", given: unknown): NamedSource[] {
  if (isColumn(given)) return [named(kind, undefined, given)];
  if (Array.isArray(given)) return given.map((one, i) => named(`${kind}[${i}]`, undefined, one));
  const entries = typeof given === "object" && given !== null ? Object.entries(given) : [];
  if (ArrayBuffer.isView(given) || entries.length === 0) return [named(kind, undefined, given)];
  return entries.map(([name, one]) => named(`${kind}.${name}`, name, one));
}

/** Whether something is one column, as far as it can be told from a list or a record of columns. */
function isColumn(given: unknown): boolean {
  if (isNumbers(given))
    return !Array.isArray(given) || typeof given[0] !== "object" || Array.isArray(given[0]);
  return isTensor(given) || (typeof given === "object" && given !== null && Object.hasOwn(given, "values"));
}

function isTensor(given: unknown): given is TensorLike {
  if (typeof given !== "object" || given === null) return false;
  const { dataSync, shape } = given as Partial<TensorLike>;
  return typeof dataSync === "function" && Array.isArray(shape);
}

/** Whether something is an array of any kind; what is in it is checked later. */
function isNumbers(given: unknown): given is FlatNumbers | Nested {
  if (Array.isArray(given)) return true;
  const flat = ArrayBuffer.isView(given) && !(given instanceof DataView);
  return flat && !(given instanceof BigInt64Array || given instanceof BigUint64Array);
}

function named(title: string, name: string | undefined, given: unknown): NamedSource {
  const isObject = typeof given === "object" && given !== null && Object.hasOwn(given, "values");
  const source = (isObject ? given : { values: given }) as ColumnArray;
  if (isObject) requireOnly(title, given, ["values", "shape", "type", "classes", "scale", "offset"]);
  if (isNumbers(source.values) || isTensor(source.values)) return { title, name, source };
  const received = Object.prototype.toString.call(source.values).slice(8, -1);
  throw bad(`${title} must be a typed array of numbers, nested arrays or a tensor`, received);
}

/** A column with its numbers flat. */
interface FlatRows extends NamedSource {
  readonly values: Numbers;
  /** Number of examples. */
  readonly length: number;
  readonly shape: readonly number[];
}

/** @param otherwise Shape of one example of a flat array without one, or the number of examples. */
function flatten(column: NamedSource, otherwise: readonly number[] | number): FlatRows {
  const { source, title } = column;
  const { shape, values } = source;
  if (isTensor(values)) {
    const [numbers, rows, own] = numbersOf(title, values);
    return shape === undefined
      ? { ...column, values: numbers, length: rows, shape: own }
      : withShape(column, numbers, shape);
  }
  if (isNested(values)) {
    const nested = flattenNested(values, (rule, received) => bad(`${title} ${rule}`, received));
    return shape === undefined
      ? { ...column, values: nested.values, length: nested.shape[0], shape: nested.shape.slice(1) }
      : withShape(column, nested.values, shape);
  }
  if (shape !== undefined || typeof otherwise !== "number") {
    return withShape(column, values, shape ?? (otherwise as readonly number[]));
  }
  if (values.length === 0 || values.length % otherwise !== 0) {
    throw bad(`${title} must hold a multiple of ${otherwise} numbers, one row for each label`, values.length);
  }
  return withShape(column, values, [values.length / otherwise]);
}

function numbersOf(title: string, tensor: TensorLike): [values: FlatNumbers, rows: number, shape: number[]] {
  const { dtype, shape } = tensor;
  const [rows, ...rest] = shape;
  const values = tensor.dataSync();
  if (isNumbers(values) && !Array.isArray(values) && dtype !== "complex64" && rows > 0) {
    return [values as FlatNumbers, rows, rest];
  }
  throw bad(`${title} must be a tensor [N, ...] of numbers`, `${dtype} [${shape.join(", ")}]`);
}

function withShape(column: NamedSource, values: Numbers, shape: readonly number[]): FlatRows {
  const { title } = column;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw bad(`the shape of ${title} must be integers > 0`, shape);
  }
  const width = shape.reduce((product, size) => product * size, 1);
  if (values.length === 0) throw bad(`${title} must hold at least one example`, values.length);
  if (values.length % width !== 0) {
    throw bad(
      `the number of ${title} must be a multiple of ${width}, the size of [${shape.join(", ")}]`,
      values.length,
    );
  }
  return { ...column, values, length: values.length / width, shape };
}

function isNested(array: FlatNumbers | Nested): array is Nested {
  return Array.isArray(array);
}

function labelColumnOf(rows: FlatRows, kind: LabelKind): Column {
  const { shape, source, values } = rows;
  // A shape that the user gives is meant.
  const isScalar = shape.length === 0 || (`${shape}` === "1" && source.shape === undefined);
  if (isScalar && kind === "value" && source.shape === undefined && source.classes === undefined) {
    // One number is a prediction of width 1, as a layer of one unit gives it.
    return columnOf({ ...rows, shape: [1] }, source.type ?? "float32");
  }
  const indices = isScalar && values.every((value) => Number.isInteger(value) && value >= 0);
  const type = source.type ?? (indices && kind === "class" ? "int32" : "float32");
  return columnOf(isScalar && type === "int32" ? { ...rows, shape: [] } : rows, type);
}

function columnOf({ name, shape, source, title, values }: FlatRows, dtype: "float32" | "int32"): Column {
  const { classes, offset = 0, scale = 1 } = source;
  if (!Number.isFinite(scale) || scale === 0 || !Number.isFinite(offset)) {
    throw bad(`scale and offset of ${title} must be finite and scale not 0`, [scale, offset]);
  }
  if (dtype === "int32" && (scale !== 1 || offset !== 0)) {
    throw bad(`${title} of int32 cannot be scaled`, [scale, offset]);
  }
  if (classes !== undefined) checkClasses(title, values, dtype, classes);
  const column = toColumn(title, { shape, values }, dtype, bad);
  return {
    ...column,
    scale,
    offset,
    ...(name === undefined ? {} : { name }),
    ...(classes === undefined ? {} : { classes }),
  };
}

function checkClasses(title: string, values: Numbers, dtype: "float32" | "int32", classes: number): void {
  if (dtype !== "int32") throw bad(`${title} must be int32 where \`classes\` is given`, dtype);
  const wrong = values.findIndex((value) => !(value >= 0 && value < classes));
  if (wrong < 0) return;
  throw bad(`every number in ${title} must be in [0, ${classes - 1}]`, `${values[wrong]} at index ${wrong}`);
}

/** For users without types: an option that is never read would be a silent mistake. */
function requireOnly(title: string, given: object, keys: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw bad(`${title} may have no other keys than ${keys.join(", ")}`, unknown);
}

function bad(rule: string, received?: unknown): YfError {
  return new YfError("BAD_DATA", cannot("make a data set from arrays", rule, received), { received });
}
