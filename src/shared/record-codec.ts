/** Records of numbers with names, as rows of float64: what a record has is written down once. */

/** Without `readonly`. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface RecordCodec<T> {
  /** Numbers in a record. */
  readonly length: number;
  /** A record of its own with the values of the schema. */
  create(): Mutable<T>;
  /** Writes a record into `row`. @param start Where in the row it begins, default 0. */
  encode(values: T, row: Float64Array, start?: number): void;
  /** Reads a record back, in place: nothing is allocated. @param into From {@link RecordCodec.create}. */
  decode(row: Float64Array, into: Mutable<T>, start?: number): void;
}

/** @param schema Every field, in the order in which the numbers lie, with its value where nothing is known. */
export function recordCodec<T extends Readonly<Record<keyof T, number>>>(schema: T): RecordCodec<T> {
  const fields = Object.keys(schema) as (keyof T)[];
  return {
    length: fields.length,
    create: () => ({ ...schema }),
    encode(values, row, start = 0) {
      for (let i = 0; i < fields.length; i++) row[start + i] = values[fields[i]];
    },
    decode(row, into, start = 0) {
      for (let i = 0; i < fields.length; i++) into[fields[i]] = row[start + i] as T[keyof T];
    },
  };
}
