/**
 * Collects the minibatches of a `tf.data` dataset, or of a function of the user's, into arrays: once, before training.
 *
 * Owns what a minibatch must be and that there is an end to them. Training then draws from shared memory as from any
 * other data set, in minibatches of its own size.
 */
import type { ArrayData } from "../data/from-arrays.ts";
import type { LabelKinds } from "../data/label-kind.ts";
import { cannot, YfError } from "../errors.ts";
import { EventLoopTurns } from "../machine/event-loop-turns.ts";
import { type BatchColumns, badBatch, ColumnCollector } from "./column-collector.ts";

/** Some examples, as `LayersModel.fitDataset` takes them; tensors are disposed of when they have been read. */
export interface ExampleBatch {
  /** Features. */
  readonly xs: BatchColumns;
  /** Labels, `[B]` or `[B, ...]` each. */
  readonly ys: BatchColumns;
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
 * @param kinds Of labels; where it is `class`, scalars that are whole numbers ≥ 0 are class indices, whatever their type.
 * @throws {YfError} `BAD_DATA` if there is no end or no example, a minibatch is not as {@link ExampleBatch} says or has
 *   other columns or shapes than the first, or the user's code throws.
 */
export async function collectBatches(
  source: BatchDataset | BatchFunction,
  kinds: LabelKinds,
): Promise<ArrayData> {
  const [features, labels] = [new ColumnCollector("xs"), new ColumnCollector("ys")];
  const turns = new EventLoopTurns();
  for await (const { xs, ys } of batchesOf(source)) {
    await turns.pass();
    const [rows, targets] = [await features.add(xs), await labels.add(ys)];
    if (rows !== targets)
      throw badBatch("each minibatch must have as many labels as examples", `${rows} and ${targets}`);
    if (features.bytes + labels.bytes > maxBytes) {
      throw badBatch(`all examples must fit in ${maxBytes} bytes (take(n) ends an endless dataset)`);
    }
  }
  if (features.bytes === 0) throw badBatch("there must be at least one example");
  return {
    features: features.join((column) => column),
    labels: labels.join((column, i, name) => {
      const { shape, values } = column;
      const isScalar = shape.length === 0 || `${shape}` === "1";
      // One number is a prediction of width 1, as a layer of one unit gives it.
      if (kinds(i, name) === "value") return { ...column, shape: isScalar ? [1] : shape, type: "float32" };
      const isClass = isScalar && values.every((label) => Number.isInteger(label) && label >= 0);
      return isClass ? { ...column, shape: [], type: "int32" } : { ...column, type: "float32" };
    }),
  };
}

async function* batchesOf(source: BatchDataset | BatchFunction): AsyncGenerator<ExampleBatch> {
  if (typeof source === "function") {
    for (let index = 0; ; index++) {
      const batch = await calling(() => source(index));
      if (batch === null || batch === undefined) return;
      yield checkedBatch(batch);
    }
  }
  if (source.size === Number.POSITIVE_INFINITY) {
    throw badBatch("a dataset must have an end (take(n) gives it one)", "an endless one");
  }
  const iterator = await calling(() => source.iterator());
  for (;;) {
    const { done, value } = await calling(() => iterator.next());
    if (done) return;
    yield checkedBatch(value);
  }
}

/** Runs code of the user's. @throws {YfError} `BAD_DATA` with what it throws. */
export async function calling<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new YfError(
      "BAD_DATA",
      cannot("collect the data", "reading a minibatch must not throw", message),
      { thrown: message },
      error,
    );
  }
}

/** @throws {YfError} `BAD_DATA` unless it is a minibatch. */
export function checkedBatch(batch: unknown): ExampleBatch {
  if (typeof batch === "object" && batch !== null && "xs" in batch && "ys" in batch)
    return batch as ExampleBatch;
  throw badBatch(
    "each minibatch must be { xs, ys }",
    typeof batch === "object" ? Object.keys(batch ?? {}) : typeof batch,
  );
}
