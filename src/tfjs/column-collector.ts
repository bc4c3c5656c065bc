/** Puts the columns of minibatches together, one minibatch after the other, and sees to it that all are alike. */
import { flattenNested, type Nested } from "../data/flatten-nested.ts";
import type { ColumnArray, ColumnSources } from "../data/from-arrays.ts";
import { cannot, YfError } from "../errors.ts";
import { tf } from "./tf.ts";

/** One column of a minibatch, `[B, ...]`; or one for each input or output of the model, in their order or by name. */
export type BatchColumns =
  | tf.Tensor
  | Nested
  | readonly tf.Tensor[]
  | Readonly<Record<string, tf.Tensor | Nested>>;

/** What has been read of one column. */
export interface ReadColumn extends ColumnArray {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** The columns of `xs` or of `ys`, minibatch after minibatch. */
export class ColumnCollector {
  readonly #kind: "xs" | "ys";
  /** One entry without a name for a column alone, numbered ones for a list. */
  #columns: ReadonlyMap<string, Rows> | null = null;
  #form: "one" | "list" | "record" = "one";

  constructor(kind: "xs" | "ys") {
    this.#kind = kind;
  }

  get bytes(): number {
    return [...(this.#columns?.values() ?? [])].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @returns The number of rows. */
  async add(given: unknown): Promise<number> {
    const { entries, form } = columnsOf(given);
    if (this.#columns === null) {
      this.#form = form;
      this.#columns = new Map(entries.map(([name]) => [name, new Rows(titleOf(this.#kind, form, name))]));
    }
    const names = entries.map(([name]) => name);
    const known = [...this.#columns.keys()];
    if (
      form !== this.#form ||
      names.length !== known.length ||
      !known.every((name) => names.includes(name))
    ) {
      const rule = `${this.#kind} of every minibatch must be like those of the first, ${described(this.#form, known)}`;
      throw badBatch(rule, described(form, names));
    }
    let rows = 0;
    for (const [i, [name, column]] of entries.entries()) {
      const added = await (this.#columns.get(name) as Rows).add(column);
      if (i > 0 && added !== rows) {
        throw badBatch(
          `all columns of ${this.#kind} must have as many rows in a minibatch`,
          `${rows} and ${added}`,
        );
      }
      rows = added;
    }
    return rows;
  }

  join(finish: (column: ReadColumn, index: number, name: string | undefined) => ColumnArray): ColumnSources {
    const isRecord = this.#form === "record";
    const joined = [...(this.#columns ?? [])].map(([name, rows], i): [string, ColumnArray] => [
      name,
      finish(rows.join(), i, isRecord ? name : undefined),
    ]);
    const list = joined.map(([, column]) => column);
    if (this.#form === "one") return list[0];
    return isRecord ? Object.fromEntries(joined) : list;
  }
}

function columnsOf(given: unknown): {
  form: "one" | "list" | "record";
  entries: (readonly [string, unknown])[];
} {
  if (Array.isArray(given) && given[0] instanceof tf.Tensor) {
    return { form: "list", entries: given.map((column, i) => [`${i}`, column]) };
  }
  const isRecord =
    typeof given === "object" && given !== null && !Array.isArray(given) && !(given instanceof tf.Tensor);
  if (isRecord && !ArrayBuffer.isView(given)) return { form: "record", entries: Object.entries(given) };
  return { form: "one", entries: [["", given]] };
}

function titleOf(kind: string, form: "one" | "list" | "record", name: string): string {
  if (form === "one") return kind;
  return form === "list" ? `${kind}[${name}]` : `${kind}.${name}`;
}

function described(form: "one" | "list" | "record", names: readonly string[]): string {
  if (form === "one") return "one column";
  return form === "list" ? `a list of ${names.length}` : `{ ${names.join(", ")} }`;
}

/** Numbers of one kind, minibatch after minibatch. */
class Rows {
  readonly #title: string;
  readonly #chunks: (Float32Array | Int32Array)[] = [];
  #shape: readonly number[] | null = null;
  #dtype: "float32" | "int32" = "int32";
  bytes = 0;

  constructor(title: string) {
    this.#title = title;
  }

  /** @returns The number of rows. */
  async add(given: unknown): Promise<number> {
    const { dtype, shape, values } = await read(this.#title, given);
    const [rows, ...rest] = shape;
    this.#shape ??= rest;
    if (rows === undefined || `${rest}` !== `${this.#shape}`) {
      throw badBatch(
        `${this.#title} of every minibatch must have the shape [B, ${this.#shape.join(", ")}]`,
        shape,
      );
    }
    if (dtype === "float32") this.#dtype = dtype;
    this.#chunks.push(values);
    this.bytes += values.byteLength;
    return rows;
  }

  join(): ReadColumn {
    const length = this.#chunks.reduce((total, chunk) => total + chunk.length, 0);
    const values = this.#dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
    let at = 0;
    for (const chunk of this.#chunks) {
      values.set(chunk, at);
      at += chunk.length;
    }
    return { values, shape: this.#shape ?? [], type: this.#dtype };
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
    if (dtype === "string" || dtype === "complex64") throw badBatch(`${name} must be numbers`, dtype);
    const values = await given.data();
    given.dispose();
    return dtype === "float32"
      ? { values: values as Float32Array, shape, dtype }
      : { values: Int32Array.from(values as Int32Array), shape, dtype: "int32" };
  }
  if (!Array.isArray(given))
    throw badBatch(`${name} of each minibatch must be a tensor or nested arrays`, typeof given);
  const { shape, values } = flattenNested(given, (rule, received) => badBatch(`${name} ${rule}`, received));
  return { values: Float32Array.from(values), shape, dtype: "float32" };
}

/** The error of every minibatch that is not as it must be. */
export function badBatch(rule: string, received?: unknown): YfError {
  return new YfError("BAD_DATA", cannot("collect the data", rule, received), { received });
}
