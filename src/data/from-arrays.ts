/**
 * Makes data sets from arrays that a library user has: copies them once into shared memory.
 *
 * Owns the checks on users' arrays; after them every row has one shape and every number is finite.
 */
import { cannot, YfError } from "../errors.ts";
import type { Dataset } from "./dataset.ts";
import { flattenNested, type Nested } from "./flatten-nested.ts";
import { type FlatNumbers, type Numbers, toColumn } from "./to-column.ts";

/** A user's examples, as arrays. */
export interface ArrayData {
  /** `[N, ...shape]`, flat or nested. Bytes stay bytes in memory; all other numbers are stored in 32 bits. */
  readonly features: FlatNumbers | Nested;
  /** One per example: `[N]` class indices, or `[N, ...labelShape]`. */
  readonly labels: FlatNumbers | Nested;
  /** Shape of one example. Default: the nesting; for a flat array `[features.length / N]`, N as `labels` has it. */
  readonly shape?: readonly number[] | undefined;
  /** Shape of one label. Default: the nesting; [] for a flat array. */
  readonly labelShape?: readonly number[] | undefined;
  /** Element type of a minibatch of features. Default float32. */
  readonly featureType?: "float32" | "int32" | undefined;
  /**
   * Element type of a minibatch of labels. Default int32, which is class indices, for scalar labels that are all
   * integers ≥ 0 and not in an array of floats; else float32.
   */
  readonly labelType?: "float32" | "int32" | undefined;
  /** Number of classes: int32 labels must be in [0, classes). Default: not checked. */
  readonly classes?: number | undefined;
  /** float32 features are `scale·x + offset`. Default 1 and 0. */
  readonly scale?: number | undefined;
  /** See {@link scale}. */
  readonly offset?: number | undefined;
}

/**
 * Checks arrays and copies them into shared memory.
 *
 * @throws {YfError} `BAD_DATA` if there are no examples, lengths or shapes do not agree, or a number is not finite, not
 *   an integer where int32 is asked for, or no class index.
 * @example
 * ```ts
 * const xor = fromArrays({ features: [[0, 0], [0, 1], [1, 0], [1, 1]], labels: [0, 1, 1, 0], classes: 2 });
 * xor.length; // → 4
 * ```
 */
export function fromArrays(data: ArrayData): Dataset {
  const { classes, offset = 0, scale = 1 } = data;
  checkArray("labels", data.labels);
  checkArray("features", data.features);
  const labels = flatten("labels", data.labels, data.labelShape ?? (isNested(data.labels) ? undefined : []));
  const features = flatten("features", data.features, data.shape ?? defaultShape(data, labels.length));
  if (features.length !== labels.length) {
    throw bad("there must be one label for each example", `${features.length} and ${labels.length}`);
  }
  if (!Number.isFinite(scale) || scale === 0 || !Number.isFinite(offset)) {
    throw bad("scale and offset must be finite and scale not 0", [scale, offset]);
  }
  const featureType = data.featureType ?? "float32";
  if (featureType === "int32" && (scale !== 1 || offset !== 0)) {
    throw bad("int32 features cannot be scaled", [scale, offset]);
  }
  const labelType = data.labelType ?? defaultLabelType(labels);
  if (classes !== undefined) checkClasses(labels.values, labelType, classes);
  return {
    features: { ...toColumn("features", features, featureType, bad), scale, offset },
    labels: toColumn("labels", labels, labelType, bad),
    length: features.length,
  };
}

/** For users without types. */
function checkArray(name: string, array: unknown): void {
  const flat = ArrayBuffer.isView(array) && !(array instanceof DataView);
  if (Array.isArray(array) || (flat && !(array instanceof BigInt64Array || array instanceof BigUint64Array)))
    return;
  const received = Object.prototype.toString.call(array).slice(8, -1);
  throw bad(`${name} must be a typed array of numbers or nested arrays`, received);
}

interface FlatRows {
  readonly values: Numbers;
  /** Number of examples. */
  readonly length: number;
  readonly shape: readonly number[];
}

function flatten(name: string, array: FlatNumbers | Nested, shape: readonly number[] | undefined): FlatRows {
  if (!isNested(array)) return withShape(name, array, shape ?? []);
  const nested = flattenNested(array, (rule, received) => bad(`${name} ${rule}`, received));
  return shape === undefined
    ? { values: nested.values, length: nested.shape[0], shape: nested.shape.slice(1) }
    : withShape(name, nested.values, shape);
}

function withShape(name: string, values: Numbers, shape: readonly number[]): FlatRows {
  if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw bad(`the shape of ${name} must be integers > 0`, [...shape]);
  }
  const width = shape.reduce((product, size) => product * size, 1);
  if (values.length === 0) throw bad(`${name} must hold at least one example`, values.length);
  if (values.length % width !== 0) {
    throw bad(
      `the number of ${name} must be a multiple of ${width}, the size of [${shape.join(", ")}]`,
      values.length,
    );
  }
  return { values, length: values.length / width, shape };
}

function defaultShape({ features }: ArrayData, examples: number): readonly number[] | undefined {
  if (isNested(features)) return undefined;
  if (features.length === 0 || features.length % examples !== 0) {
    throw bad(
      `features must hold a multiple of ${examples} numbers, one row for each label`,
      features.length,
    );
  }
  return [features.length / examples];
}

function isNested(array: FlatNumbers | Nested): array is Nested {
  return Array.isArray(array);
}

function defaultLabelType({ shape, values }: FlatRows): "float32" | "int32" {
  const floats = values instanceof Float32Array || values instanceof Float64Array;
  const indices =
    shape.length === 0 && !floats && values.every((value) => Number.isInteger(value) && value >= 0);
  return indices ? "int32" : "float32";
}

function checkClasses(values: Numbers, labelType: "float32" | "int32", classes: number): void {
  if (labelType !== "int32") throw bad("labels must be int32 where `classes` is given", labelType);
  const wrong = values.findIndex((label) => !(label >= 0 && label < classes));
  if (wrong >= 0)
    throw bad(`every label must be in [0, ${classes - 1}]`, `${values[wrong]} at index ${wrong}`);
}

function bad(rule: string, received: unknown): YfError {
  return new YfError("BAD_DATA", cannot("make a data set from arrays", rule, received));
}
