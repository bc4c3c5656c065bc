/**
 * Text for character models: sequences of characters, and for each character the one that follows it.
 *
 * Owns the vocabulary and how a text is cut. Features `[T]` and labels `[T]` are int32 indices into the vocabulary; both
 * columns are views of the same memory, one character apart.
 */
import { badFile } from "./bad-file.ts";
import type { ColumnData, DataSplit, Dataset } from "./dataset.ts";
import { readBytes } from "./read-bytes.ts";
import { requireUtf8 } from "./require-utf8.ts";

/** Characters in the order of their code points; the index is what models see. */
type Vocabulary = ReadonlyMap<string, number>;

export interface TextSplit extends DataSplit {
  /** Number of different characters, the classes of a model's outputs. */
  readonly classes: number;
}

/** Far above any script; a file with more is no text. */
const maxCharacters = 65_536;

/**
 * Reads a text in UTF-8.
 *
 * @param sequenceLength T, characters of one example, ≥ 1. Examples follow each other without overlap; what is left at
 *   the end of a text is not used.
 * @param testFile Another text, of characters that the first has, to test with; null for the end of the first.
 * @param validationSplit Share of the text, its end, that is kept for testing, in (0, 1).
 * @throws {YfError} `BAD_DATA` if a file is no text, or too short for one example to train on and one to test with.
 */
export function readText(
  file: string,
  sequenceLength: number,
  testFile: string | null,
  validationSplit: number,
): TextSplit {
  const text = decode(file);
  const vocabulary = vocabularyOf(file, text);
  const ids = encode(file, text, vocabulary);
  if (testFile !== null) {
    const test = encode(testFile, decode(testFile), vocabulary);
    return {
      train: cut(file, ids, sequenceLength, vocabulary),
      test: cut(testFile, test, sequenceLength, vocabulary),
      classes: vocabulary.size,
    };
  }
  const tested = Math.max(sequenceLength + 1, Math.round(validationSplit * ids.length));
  const train = cut(file, ids.subarray(0, Math.max(0, ids.length - tested)), sequenceLength, vocabulary);
  return {
    train,
    test: cut(file, ids.subarray(-tested), sequenceLength, vocabulary),
    classes: vocabulary.size,
  };
}

function decode(file: string): string {
  const bytes = readBytes(file);
  requireUtf8(file, bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function vocabularyOf(file: string, text: string): Vocabulary {
  const characters = [...new Set(text)].sort(
    (a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number),
  );
  if (characters.length > maxCharacters) {
    throw badFile(file, `a text has at most ${maxCharacters} different characters`, characters.length);
  }
  return new Map(characters.map((character, id) => [character, id]));
}

/** The text as indices, in shared memory; bytes where the vocabulary allows. */
function encode(file: string, text: string, vocabulary: Vocabulary): ColumnData {
  let length = 0;
  for (const _ of text) length++;
  const ids: ColumnData =
    vocabulary.size <= 256
      ? new Uint8Array(new SharedArrayBuffer(length))
      : new Int32Array(new SharedArrayBuffer(4 * length));
  let at = 0;
  for (const character of text) {
    const id = vocabulary.get(character);
    if (id === undefined) {
      const rule = "must have no other characters than the text to train on";
      throw badFile(file, rule, `${JSON.stringify(character)} at character ${at}`);
    }
    ids[at++] = id;
  }
  return ids;
}

function cut(file: string, ids: ColumnData, sequenceLength: number, vocabulary: Vocabulary): Dataset {
  const length = Math.floor((ids.length - 1) / sequenceLength);
  if (length < 1) {
    const rule = `a text to train on and one to test with must each have ${sequenceLength + 1} characters or more`;
    throw badFile(file, rule, ids.length);
  }
  const column = (from: number) =>
    ({
      data: ids.subarray(from, from + length * sequenceLength),
      shape: [sequenceLength],
      dtype: "int32",
      scale: 1,
      offset: 0,
    }) as const;
  const names = { classes: vocabulary.size, classNames: [...vocabulary.keys()] };
  return { features: [column(0)], labels: [{ ...column(1), ...names }], length };
}
