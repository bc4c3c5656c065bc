/**
 * Collects the minibatches of a `tf.data` dataset, or of a function of the user's, into arrays: once, before training.
 *
 * Owns what a minibatch must be and that there is an end to them. Training then draws from shared memory as from any
 * other data set, in minibatches of its own size.
 */
import { flattenNested, type Nested } from "../data/flatten-nested.ts";
import type { ArrayData } from "../data/from-arrays.ts";
import type { LabelKind } from "../data/tensor-pairs.ts";
import { cannot, YfError } from "../errors.ts";
import { tf } from "./tf.ts";

/** Some examples, as `LayersModel.fitDataset` takes them; tensors are disposed of when they have been read. */
export interface ExampleBatch {
  /** Features `[B, ...]`. */
  readonly xs: tf.Tensor | Nested;
  /** Labels `[B]` or `[B, ...]`. */
  readonly ys: tf.Tensor | Nested;
}

/** One minibatch after the other; `value` is an {@link ExampleBatch}. */
export interface BatchIterator {
  /** The next one, or the end. */
  next(): Promise<Pick<IteratorResult<unknown, unknown>, "value" | "done">>;
}

/** A finite dataset of minibatches, such as `tf.data` makes with `.batch(n)`. */
export interface BatchDataset {
  /** Begins anew. */
  iterator(): Promise<BatchIterator>;
  /** Number of minibatches, `Infinity` if there is no end, null if it is not known. */
  readonly size?: number | null;
}

/** Gives minibatch 0, 1, …, and null after the last. */
export type BatchFunction = (index: number) => ExampleBatch | null | Promise<ExampleBatch | null>;

/** Far more than a machine's memory holds twice; ends the reading of what has no end. */
const maxBytes = 2 ** 33;

/**
 * Reads all minibatches.
 *
 * @param kind `class`: scalar labels that are whole numbers ≥ 0 are class indices, whatever their type.
 * @throws {YfError} `BAD_DATA` if there is no end or no example, a minibatch is not as {@link ExampleBatch} says or of
 *   another shape than the first, or the user's code throws.
 */
export async function collectBatches(
  source: BatchDataset | BatchFunction,
  kind: LabelKind,
): Promise<ArrayData> {
  const features = new Rows("xs");
  const labels = new Rows("ys");
  for await (const { xs, ys } of batchesOf(source)) {
    const [rows, targets] = [await features.add(xs), await labels.add(ys)];
    if (rows !== targets)
      throw bad("each minibatch must have as many labels as examples", `${rows} and ${targets}`);
    if (features.bytes + labels.bytes > maxBytes) {
      throw bad(`all examples must fit in ${maxBytes} bytes (take(n) ends an endless dataset)`, "more");
    }
  }
  if (features.bytes === 0) throw bad("there must be at least one example", "none");
  const [x, y] = [features.join(), labels.join()];
  const isScalar = y.shape.length === 0 || `${y.shape}` === "1";
  const isClass =
    kind === "class" && isScalar && y.values.every((label) => Number.isInteger(label) && label >= 0);
  return {
    features: x.values,
    shape: x.shape,
    labels: y.values,
    labelShape: isClass ? [] : y.shape,
    featureType: x.dtype,
    labelType: isClass ? "int32" : "float32",
  };
}

/** Numbers of one kind, minibatch after minibatch. */
class Rows {
  readonly #name: "xs" | "ys";
  readonly #chunks: (Float32Array | Int32Array)[] = [];
  #shape: readonly number[] | null = null;
  #dtype: "float32" | "int32" = "int32";
  bytes = 0;

  constructor(name: "xs" | "ys") {
    this.#name = name;
  }

  /** @returns The number of rows. */
  async add(given: unknown): Promise<number> {
    const { dtype, shape, values } = await read(this.#name, given);
    const [rows, ...rest] = shape;
    this.#shape ??= rest;
    if (rows === undefined || `${rest}` !== `${this.#shape}`) {
      throw bad(`${this.#name} of every minibatch must have the shape [B, ${this.#shape.join(", ")}]`, shape);
    }
    if (dtype === "float32") this.#dtype = dtype;
    this.#chunks.push(values);
    this.bytes += values.byteLength;
    return rows;
  }

  join() {
    const length = this.#chunks.reduce((total, chunk) => total + chunk.length, 0);
    const values = this.#dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
    let at = 0;
    for (const chunk of this.#chunks) {
      values.set(chunk, at);
      at += chunk.length;
    }
    return { values, shape: this.#shape ?? [], dtype: this.#dtype };
  }
}

interface FlatBatch {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}

async function read(name: string, given: unknown): Promise<FlatBatch> {
  if (given instanceof tf.Tensor) {
    const { dtype, shape } = given;
    if (dtype === "string" || dtype === "complex64") throw bad(`${name} must be numbers`, dtype);
    const values = await given.data();
    given.dispose();
    return dtype === "float32"
      ? { values: values as Float32Array, shape, dtype }
      : { values: Int32Array.from(values as Int32Array), shape, dtype: "int32" };
  }
  if (!Array.isArray(given))
    throw bad(`${name} of each minibatch must be a tensor or nested arrays`, typeof given);
  const { shape, values } = flattenNested(given, (rule, received) => bad(`${name} ${rule}`, received));
  return { values: Float32Array.from(values), shape, dtype: "float32" };
}

async function* batchesOf(source: BatchDataset | BatchFunction): AsyncGenerator<ExampleBatch> {
  if (typeof source === "function") {
    for (let index = 0; ; index++) {
      const batch = await calling(() => source(index));
      if (batch === null || batch === undefined) return;
      yield checked(batch);
    }
  }
  if (source.size === Number.POSITIVE_INFINITY) {
    throw bad("a dataset must have an end (take(n) gives it one)", "an endless one");
  }
  const iterator = await calling(() => source.iterator());
  for (;;) {
    const { done, value } = await calling(() => iterator.next());
    if (done) return;
    yield checked(value);
  }
}

/** Runs code of the user's. */
async function calling<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new YfError(
      "BAD_DATA",
      cannot("collect the data", "reading a minibatch must not throw", message),
      {},
      error,
    );
  }
}

function checked(batch: unknown): ExampleBatch {
  if (typeof batch === "object" && batch !== null && "xs" in batch && "ys" in batch)
    return batch as ExampleBatch;
  throw bad(
    "each minibatch must be { xs, ys }",
    typeof batch === "object" ? Object.keys(batch ?? {}) : typeof batch,
  );
}

function bad(rule: string, received: unknown): YfError {
  return new YfError("BAD_DATA", cannot("collect the data", rule, received));
}
