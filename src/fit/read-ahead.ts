/**
 * Reads minibatches of a dataset ahead of whoever takes them, in bounded memory: while threads train, the next ones are read.
 *
 * Owns the order of passes: without a number of minibatches per epoch each epoch draws the dataset anew; with one, an epoch
 * goes on where the last one ended, and the dataset is drawn anew when it ends.
 */
import { cannot, YfError } from "../errors.ts";
import { EventLoopTurns } from "../machine/event-loop-turns.ts";
import {
  type BatchDataset,
  type BatchIterator,
  calling,
  checkedBatch,
  type ExampleBatch,
} from "../tfjs/collect-batches.ts";
import { tf } from "../tfjs/tf.ts";

/** An iterator over minibatches, as generators and datasets give it. */
interface Batches {
  next():
    | { readonly value?: unknown; readonly done?: boolean | undefined }
    | ReturnType<BatchIterator["next"]>;
}

/** Minibatches `{ xs, ys }`: a dataset of `tf.data`, an iterable or async iterable, or a generator function. */
export type StreamedDataset =
  | BatchDataset
  | Iterable<unknown>
  | AsyncIterable<unknown>
  | (() => Batches | Promise<Batches>);

/** Minibatches that wait at most; and, where they are large, their bytes. */
const most = { batches: 1024, bytes: 2 ** 27 };

/** Bytes that are taken at a time, but for the last minibatch of them: making data of them keeps the thread busy. */
const mostTaken = 2 ** 22;

/** A minibatch, or the end of an epoch. */
type Item = { readonly batch: ExampleBatch; readonly bytes: number } | "end";

export class ReadAhead {
  readonly #source: StreamedDataset;
  readonly #perEpoch: number | null;
  readonly #queue: Item[] = [];
  #bytes = 0;
  #closed = false;
  #failure: { readonly error: unknown } | null = null;
  /** Wakes whoever waits: for room, or for something to take. */
  #changed: () => void = () => undefined;
  readonly #reading: Promise<void>;

  /** @param perEpoch Minibatches in an epoch; null until the dataset ends. @param epochs To read. */
  constructor(source: StreamedDataset, perEpoch: number | null, epochs: number) {
    this.#source = source;
    this.#perEpoch = perEpoch;
    this.#reading = this.#readEpochs(epochs).catch((error: unknown) => {
      this.#failure = { error };
      this.#changed();
    });
  }

  /**
   * Takes what was read of the epoch that has begun: at least one minibatch, at most what is soon made data of.
   *
   * @returns Null where the epoch has ended; the next call is about the next one. @throws What reading threw.
   */
  async take(): Promise<readonly ExampleBatch[] | null> {
    while (this.#queue.length === 0) {
      if (this.#failure !== null) throw this.#failure.error;
      await this.#change();
    }
    const [first] = this.#queue;
    if (first === "end") {
      this.#queue.shift();
      return null;
    }
    const taken: ExampleBatch[] = [];
    for (let bytes = 0; bytes < mostTaken; ) {
      const [item] = this.#queue;
      if (item === undefined || item === "end") break;
      this.#queue.shift();
      taken.push(item.batch);
      bytes += item.bytes;
      this.#bytes -= item.bytes;
    }
    this.#changed();
    return taken;
  }

  /** Reads no more, and disposes of what waits. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changed();
    await this.#reading;
    for (const item of this.#queue) if (item !== "end") tf.dispose([item.batch.xs, item.batch.ys] as never);
    this.#queue.length = 0;
  }

  async #readEpochs(epochs: number): Promise<void> {
    const turns = new EventLoopTurns();
    let iterator: Batches | null = null;
    for (let epoch = 0; epoch < epochs && !this.#closed; epoch++) {
      let read = 0;
      let isFresh = false;
      while (!this.#closed && read < (this.#perEpoch ?? Number.POSITIVE_INFINITY)) {
        await turns.pass();
        if (iterator === null) {
          iterator = await calling(async () => begun(this.#source));
          isFresh = true;
        }
        const { next } = { next: iterator.next.bind(iterator) };
        const { done, value } = await calling(async () => next());
        if (!done) {
          isFresh = false;
          read++;
          await this.#put(checkedBatch(value));
          continue;
        }
        iterator = null;
        if (isFresh) throw nothing();
        if (this.#perEpoch === null) break;
      }
      this.#queue.push("end");
      this.#changed();
    }
  }

  async #put(batch: ExampleBatch): Promise<void> {
    const bytes = bytesOf(batch);
    this.#queue.push({ batch, bytes });
    this.#bytes += bytes;
    this.#changed();
    while (!this.#closed && (this.#queue.length >= most.batches || this.#bytes >= most.bytes))
      await this.#change();
  }

  #change(): Promise<void> {
    const before = this.#changed;
    return new Promise((resolve) => {
      this.#changed = () => {
        this.#changed = () => undefined;
        before();
        resolve();
      };
    });
  }
}

/** A new pass over the minibatches. */
function begun(source: StreamedDataset): Batches | Promise<Batches> {
  if (typeof source === "function") return source();
  if ("iterator" in source) return source.iterator();
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

function bytesOf({ xs, ys }: ExampleBatch): number {
  return 4 * (sizes(xs) + sizes(ys));
}

function sizes(columns: unknown): number {
  if (columns instanceof tf.Tensor) return columns.size;
  if (Array.isArray(columns))
    return columns.reduce((sum: number, one) => sum + (typeof one === "number" ? 1 : sizes(one)), 0);
  return typeof columns === "object" && columns !== null ? sizes(Object.values(columns)) : 1;
}

function nothing(): YfError {
  const rule = "must give at least one minibatch each time";
  return new YfError("BAD_DATA", cannot("read the dataset", rule), { minibatches: 0 });
}
